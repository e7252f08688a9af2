"""The kinds of document that are told apart unless the configuration names others: a name, and what such one is."""

KINDS = {
    "contract": "Agreement or contract between parties with terms, obligations, term and termination clauses.",
    "nda": "Non-disclosure or confidentiality agreement about protecting confidential information.",
    "invoice": "Invoice or bill with an invoice number, items, amounts, tax and payment due.",
    "payslip": "Payslip of an employee with gross pay, deductions, tax and net salary for a month.",
    "bank-statement": "Bank account statement listing transactions, debits, credits and the balance.",
    "lab-report": "Laboratory report of a patient with blood test results, units and reference ranges.",
    "discharge-letter": "Hospital discharge letter with diagnosis, treatment, medication and follow-up.",
    "minutes": "Minutes of a meeting with attendees, agenda items, decisions and actions.",
    "insurance-claim": "Insurance claim form or report describing a loss, damage, policy number and amount claimed.",
    "complaint": "Complaint letter or mail from a dissatisfied customer asking for a refund or a remedy.",
    "financial-report": "Financial report, annual report or SEC filing with revenue, income and balance sheet.",
    "research-article": "Scientific research article with abstract, methods, experiments and results.",
    "law": "Statute, act or regulation with sections, definitions and penalties.",
    "manual": "Technical manual, guide or documentation explaining how to install or use something.",
}
