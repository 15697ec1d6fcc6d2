"""Which customers: rules (`rules`, pure trees), their compiler to one SQL statement (`compiling`, with `columns` for facts and
`behaviours` for what happened), the members kept by them (`membership`), and how a rule is asked directly (`audience`)."""
