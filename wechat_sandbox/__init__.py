"""A strict stand-in for WeChat (and the 962121 hotline) on loopback, for development and tests.

It refuses what the real platform refuses, signs and encrypts with its own code, and shares nothing with
`app/`: one mistake cannot hide on both sides. Production code never imports it. WeChat Pay will live in
`pay/`, as one more entry in `server.BLUEPRINTS`.
"""
