"""对账与结算: our payments and refunds beside WeChat's bill, every night, in both directions (S0-03)."""
