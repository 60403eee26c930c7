"""What turns the texts of Wickling (levels, drawings, palettes) into what the assembler reads.

Nothing here needs more than Python's standard library, and nothing here knows the 6502.
"""
