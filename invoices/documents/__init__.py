"""Invoices and statements as PDF, in the customer's language and currency.

`statement` reads the books, `words` knows how the customer writes, `sheet` is the paper, `invoice_pdf` and
`statement_pdf` put the one on the other.
"""
