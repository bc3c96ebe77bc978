"""WeChat Pay behind one small gateway (contract.py); version 2 over hardened wechatpy is the implementation (v2.py).

What wechatpy 1.8.18 would do and where it is countered; tests/integrations/wechat/pay/test_defects_of_wechatpy_pay.py
names each one:

D6 answers without signature are believed: library.py. D7 MD5 only, D8 variable time: signing.py. D9 notices of others
pass: notices.py, and app/payments checks every part against its row. D10 uncaught errors on hostile XML, D11 entities,
D12 `]]>`: flat_xml.py. D13 other zones: fields.beijing. D14 address looked up in the DNS, D15 colliding numbers, D17
amount 0: checks.py. D16 guessable nonces: signing.new_nonce. D18 HTML, no MAC: outcomes.py, and refund notices are
confirmed by a query. D19 the key in debug logs: the library never gets it.
"""
