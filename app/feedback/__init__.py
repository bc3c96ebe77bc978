"""随手拍 / 我要吐槽: praise, suggestions and problems that are answered within ten days unless the
bureau has set another limit (S1-10..S1-15, S3-22, C6)."""
