"""Files in and out: lists as CSV, and customers, invoices and payments from CSV and XLSX.

`reading` gives the rows of a file one by one, `columns` and `values` say what their cells mean, `customers`,
`documents` and `payments` hand them to the ledger's services, `runs` and `work` keep a run safe from whatever dies,
`exporting` writes lists.
"""
