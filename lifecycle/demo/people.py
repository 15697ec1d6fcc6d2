"""Who buys in the demo shop. All made up; example.com and .example addresses only."""

Person = tuple[str, str, str, str, str, str]
#: name, e-mail, country, city, language, marketing consent
PEOPLE: tuple[Person, ...] = (
    ("Ana Ribeiro", "ana.ribeiro@example.com", "PT", "Porto", "pt", "subscribed"),
    ("Tomás Vega", "tomas@example.com", "ES", "Sevilla", "es", "subscribed"),
    ("Mercy Oyelaran", "m.oyelaran@example.com", "DE", "Köln", "de", "never"),
    ("Jonas Petersen", "jonas.petersen@example.com", "DK", "Aarhus", "da", "subscribed"),
    ("Lina Haddad", "lina@example.com", "FR", "Lyon", "fr", "unsubscribed"),
    ("Piotr Zieliński", "piotr.z@example.com", "PL", "Gdańsk", "pl", "subscribed"),
    ("Hanna Virtanen", "hanna.virtanen@example.com", "FI", "Tampere", "fi", "never"),
    ("Giulia Moretti", "giulia@example.com", "IT", "Torino", "it", "subscribed"),
    ("Wolfgang Amadeus Theophilus von Hohenstein-Lichtenberg", "wolfgang@example.com", "AT", "Wien", "de", "subscribed"),
    ("Sofie De Smet", "sofie.desmet@example.com", "BE", "Gent", "nl", "subscribed"),
    ("Maeve O'Connor", "maeve@example.com", "IE", "Cork", "en", "never"),
    ("فاطمة الزهراء", "fatima@example.com", "DE", "Berlin", "ar", "subscribed"),
    ("Karel Novák", "karel.novak@example.com", "CZ", "Brno", "cs", "subscribed"),
    ("", "guest-7731@example.com", "NL", "Utrecht", "nl", "never"),
    ("Ingrid Solberg", "ingrid@example.com", "NO", "Bergen", "nb", "subscribed"),
    ("Dimitris Pappas", "dimitris@example.com", "GR", "Athína", "el", "never"),
    ("Chloé Martin", "chloe.martin@example.com", "FR", "Nantes", "fr", "subscribed"),
    ("Emre Yıldız", "emre@example.com", "DE", "Hamburg", "de", "subscribed"),
)
#: A friend of the first of them, who comes by her link, and the code of it: the first of its pool.
FRIEND = ("Bo Lindqvist", "bo.lindqvist@example.com", "SE", "Uppsala", "sv", "never")
FRIENDS_CODE = "HELLO-17919"
