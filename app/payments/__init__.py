"""Money in and out: payments, refunds, what WeChat says of them. Knows neither bills nor orders."""
