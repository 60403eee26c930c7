; A few effects on the two pulse channels. They read nothing and change no work RAM.

; A = duty and envelope, X = sweep, Y = low byte of the period; the high bits are 1.
pulse:
    sta $4000
    stx $4001
    sty $4002
    lda #$09
    sta $4003
    rts

pulse2:
    sta $4004
    stx $4005
    sty $4006
    lda #$08
    sta $4007
    rts

sound_jump:
    lda #$84
    ldx #$9C
    ldy #$50
    jmp pulse

sound_stomp:
    lda #$44
    ldx #$94
    ldy #$F0
    jmp pulse

sound_break:
    lda #$06
    ldx #$83
    ldy #$20
    jmp pulse

sound_death:
    lda #$8B
    ldx #$A4
    ldy #$40
    jmp pulse

sound_spark:
    lda #$81
    ldx #$00
    ldy #$54
    jmp pulse2

sound_glass:
    lda #$86
    ldx #$BB
    ldy #$FE
    jmp pulse2

sound_goal:
    lda #$8C
    ldx #$CB
    ldy #$FE
    jmp pulse2
