"""A strict stand-in for WeChat (and the 962121 hotline) on loopback, for development and tests.

It refuses what the real platform refuses, signs and encrypts with its own code, and shares nothing with
`app/`: one mistake cannot hide on both sides. Production code never imports it.

WeChat Pay v2 (service-provider mode): `api_pay_orders`, `api_pay_refunds`, `api_pay_bill` and `api_shipping` are the
platform's addresses, `pay_phone` and `cashier` the payer, `pay_postman` the notices, `pay_desk` the books;
`control_pay` lists the control interface and `faults` what can be made to go wrong.
"""
