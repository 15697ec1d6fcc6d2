"""Files to begin with: what a spreadsheet for us may look like."""

from integrations.files.targets import CUSTOMERS, ORDERS

OF = {
    ORDERS: (
        "external_id,number,placed_at,currency,total,email,customer_name,country,item_name,item_quantity,item_price,product_id,delivered_at\n"
        "1001,#1001,2026-01-15T09:30:00+01:00,EUR,94.00,ana@example.com,Ana Ribeiro,PT,Pour-over kettle,1,79.00,kettle,2026-01-19\n"
        "1001,#1001,2026-01-15T09:30:00+01:00,EUR,94.00,ana@example.com,Ana Ribeiro,PT,Paper filters,2,7.50,filters,2026-01-19\n"
        "1002,#1002,2026-01-16,EUR,64.00,tomas@example.com,Tomás Vega,ES,Walnut board,1,64.00,board,\n"
    ),
    CUSTOMERS: (
        "email,name,phone,language,country,region,city,postal_code,tags,birthday,external_id,accepts_marketing,consent_date,unsubscribed\n"
        'ana@example.com,Ana Ribeiro,+351 912 000 000,pt,PT,,Porto,4000-001,"coffee, wholesale",1990-03-14,c-1,yes,2025-11-02,\n'
        "tomas@example.com,Tomás Vega,,es,ES,,Madrid,28001,,--07-30,c-2,,,yes\n"
    ),
}
