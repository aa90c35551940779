"""Tables in, words and pictures out: labels, number formats, findings and charts in Vietnamese and English.

The rooms before this one give tables; this one says what they mean. Nothing here reads a file of data, and every
number a sentence quotes is the value of a cell of a table it was given (:mod:`dxanalysis.briefing.findings`).
"""
