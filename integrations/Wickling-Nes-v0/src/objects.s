; Creatures and planks: five slots, worked on one after the other.
;
; A creature's body is that of the player; its obj_y is the line under its feet in level pixels + 8.
; A plank is 32 pixels wide; its obj_y is its surface in level pixels + 32, which is its line on the
; screen.

CREATURE_GRAVITY = $0040
CREATURE_FALL    = $0400        ; clamped
LEAP_SPEED       = $0400        ; cricket, upward
LEAP_ACROSS      = $0140
LEAP_WAIT        = 40           ; frames between landing and leaping
PLANK_PATH       = 64           ; pixels there, and as many back

move_objects:
    lda puff_timer
    beq @start
    dec puff_timer
@start:
    ldx #0
@slot:
    stx slot
    lda obj_active,x
    beq @next
    lda #0
    sta obj_dx,x
    ldy obj_kind,x
    cpy #KIND_PLANKS
    bcs @plank
    lda movers_lo,y
    sta ptr
    lda movers_hi,y
    sta ptr+1
    jsr call_mover
    jmp @check
@plank:
    jsr move_plank
@check:
    ldx slot
    jsr drop_lost
@next:
    ldx slot
    inx
    cpx #NUM_SLOTS
    bne @slot
    rts

call_mover:
    jmp (ptr)
movers_lo:
    .byte 0, <move_walker, <move_newt, <move_moth, <move_cricket, <move_walker
movers_hi:
    .byte 0, >move_walker, >move_newt, >move_moth, >move_cricket, >move_walker

; Beetle and thistle: straight on, back at walls, down from ledges.
move_walker:
    jsr object_sideways
    jsr object_walls
    jmp object_falls

; Newt: turns at ledges too.
move_newt:
    jsr object_sideways
    jsr object_walls
    jsr object_falls
    lda obj_grounded,x
    beq @done
    lda #2                      ; the ground under the leading edge
    ldy obj_vxhi,x
    bmi @probe
    lda #13
@probe:
    jsr object_probe_x
    lda obj_y,x
    sec
    sbc #8
    jsr tile_at
    and #TILE_SOLID
    beq turn_around
@done:
    rts

turn_around:
    lda #0
    sec
    sbc obj_vxlo,x
    sta obj_vxlo,x
    lda #0
    sbc obj_vxhi,x
    sta obj_vxhi,x
    rts

; Moth: to the left, through walls, up and down in a wave of 64 frames.
move_moth:
    jsr object_sideways
    inc obj_timer,x
    lda obj_timer,x
    and #$3F
    tay
    lda wave,y
    clc
    adc obj_memo,x
    sta obj_y,x
    rts

; round(20 * sin(2 pi i / 64))
wave:
    .byte   0,   2,   4,   6,   8,   9,  11,  13,  14,  15,  17,  18,  18,  19,  20,  20
    .byte  20,  20,  20,  19,  18,  18,  17,  15,  14,  13,  11,   9,   8,   6,   4,   2
    .byte <0,  <-2, <-4, <-6, <-8, <-9, <-11, <-13, <-14, <-15, <-17, <-18, <-18, <-19, <-20, <-20
    .byte <-20, <-20, <-20, <-19, <-18, <-18, <-17, <-15, <-14, <-13, <-11, <-9, <-8, <-6, <-4, <-2

; Cricket: waits on the ground, then leaps toward the player.
move_cricket:
    jsr object_sideways
    jsr object_walls
    jsr object_falls
    lda obj_grounded,x
    beq @done
    lda #0
    sta obj_vxlo,x
    sta obj_vxhi,x
    inc obj_timer,x
    lda obj_timer,x
    cmp #LEAP_WAIT
    bcc @done
    lda #0
    sta obj_timer,x
    sta obj_grounded,x
    lda #<-LEAP_SPEED
    sta obj_vylo,x
    lda #>-LEAP_SPEED
    sta obj_vyhi,x
    lda #<LEAP_ACROSS
    sta obj_vxlo,x
    lda #>LEAP_ACROSS
    sta obj_vxhi,x
    lda player_x
    cmp obj_x,x
    lda player_page
    sbc obj_page,x
    bcs @done
    jmp turn_around
@done:
    rts

; Planks go 64 pixels there and back, one per frame; the falling one waits for a rider.
move_plank:
    cpy #KIND_PLANK_FALL
    beq @falling
    inc obj_timer,x
    lda obj_timer,x
    and #PLANK_PATH
    cpy #KIND_PLANK_V
    beq @vertical
    cmp #0
    beq @right
    lda #$FF
    sta obj_dx,x
    lda obj_x,x
    bne @no_borrow
    dec obj_page,x
@no_borrow:
    dec obj_x,x
    rts
@right:
    lda #1
    sta obj_dx,x
    inc obj_x,x
    bne @done
    inc obj_page,x
    rts
@vertical:
    cmp #0
    bne @down
    dec obj_y,x
    rts
@down:
    inc obj_y,x
    rts
@falling:
    lda obj_timer,x             ; counts from the first step on it
    bne @count
    cpx riding
    bne @done
@count:
    inc obj_timer,x
    lda obj_timer,x
    cmp #24
    bcc @done
    dec obj_timer,x
    lda obj_y,x
    clc
    adc #2
    sta obj_y,x
@done:
    rts

; Move slot X by its sideways speed.
object_sideways:
    lda obj_xsub,x
    clc
    adc obj_vxlo,x
    sta obj_xsub,x
    ldy #0
    lda obj_vxhi,x
    bpl @sign
    dey
@sign:
    adc obj_x,x
    sta obj_x,x
    tya
    adc obj_page,x
    sta obj_page,x
    rts

; Turn slot X around when its leading edge is in something solid.
object_walls:
    lda #1
    ldy obj_vxhi,x
    bmi @probe
    lda #14
@probe:
    jsr object_probe_x
    lda obj_y,x                 ; the middle of the body
    sec
    sbc #16
    bcc @done
    jsr tile_at
    and #TILE_SOLID
    beq @done
    jmp turn_around
@done:
    rts

; Gravity for slot X; it stands on what is solid under its middle.
object_falls:
    lda obj_vylo,x
    clc
    adc #CREATURE_GRAVITY
    sta obj_vylo,x
    lda obj_vyhi,x
    adc #0
    sta obj_vyhi,x
    bmi @move
    cmp #>CREATURE_FALL
    bcc @move
    lda #0
    sta obj_vylo,x
    lda #>CREATURE_FALL
    sta obj_vyhi,x
@move:
    lda obj_ysub,x
    clc
    adc obj_vylo,x
    sta obj_ysub,x
    lda obj_vyhi,x
    bmi @rise
    adc obj_y,x
    bcc @set
    lda #$FF                    ; far below the screen: must not wrap to the top
    bne @set
@rise:
    adc obj_y,x
    bcs @set
    lda #0                      ; must not wrap to the bottom
@set:
    sta obj_y,x
    lda #0
    sta obj_grounded,x
    lda obj_vyhi,x
    bmi @done
    lda #8
    jsr object_probe_x
    lda obj_y,x
    sec
    sbc #8
    bcc @done
    sta tmp3
    jsr tile_at
    and #TILE_SOLID
    beq @done
    lda tmp3
    and #$0F
    cmp #7
    bcs @done
    lda tmp3
    and #$F0
    clc
    adc #8
    sta obj_y,x
    lda #0
    sta obj_vylo,x
    sta obj_vyhi,x
    sta obj_ysub,x
    lda #1
    sta obj_grounded,x
@done:
    rts

; tmp0/tmp1 = x of slot X + A.
object_probe_x:
    clc
    adc obj_x,x
    sta tmp0
    lda #0
    adc obj_page,x
    sta tmp1
    rts

; Slot X becomes free when it is 64 pixels left of the screen or below it.
drop_lost:
    lda obj_y,x
    cmp #248
    bcs @drop
    lda obj_x,x
    clc
    adc #64
    tay
    lda obj_page,x
    adc #0
    sta tmp1
    cpy cam_x
    lda tmp1
    sbc cam_page
    bcs @done
@drop:
    lda #0
    sta obj_active,x
    cpx riding
    bne @done
    lda #$FF
    sta riding
@done:
    rts

; The player against all creatures.
touch_objects:
    ldx #NUM_SLOTS-1
@slot:
    stx slot
    lda player_state
    cmp #STATE_PLAY
    bne @done
    lda player_ypage
    cmp #1
    bne @done
    jsr touch_object
    ldx slot
    dex
    bpl @slot
@done:
    rts

touch_object:
    lda obj_active,x
    beq @apart
    lda obj_kind,x
    cmp #KIND_PLANKS
    bcs @apart
    lda player_x                ; sideways within 11 pixels: -11 .. 11 becomes 0 .. 22
    clc
    adc #11
    sta tmp0
    lda player_page
    adc #0
    sta tmp1
    lda tmp0
    sec
    sbc obj_x,x
    tay
    lda tmp1
    sbc obj_page,x
    bne @apart
    cpy #23
    bcs @apart
    lda obj_y,x                 ; player's feet - creature's feet within -14 .. 13
    sec
    sbc #8
    bcc @apart
    sta tmp2
    lda player_y
    clc
    adc #14
    bcs @low
    sec
    sbc tmp2
    bcc @apart
    cmp #28
    bcs @apart
    bcc @touch
@low:
    sbc tmp2                    ; carry is set: 256 + A - tmp2
    bcs @apart
    cmp #28
    bcs @apart
@touch:
    cmp #10                     ; feet at least 5 pixels above its feet, and falling: stomped
    bcs @hurt
    lda player_vy
    bmi @hurt
    lda player_air
    beq @hurt
    lda obj_kind,x
    cmp #KIND_THISTLE
    beq @hurt
    jmp stomp
@hurt:
    jmp hurt
@apart:
    rts

; The creature in slot X is beaten; the player bounces, higher with A held.
stomp:
    lda #0
    sta obj_active,x
    lda obj_x,x
    sta puff_x
    lda obj_page,x
    sta puff_page
    lda obj_y,x
    sta puff_y
    lda #16
    sta puff_timer
    lda #<-BOUNCE_SPEED
    sta player_vylo
    lda #>-BOUNCE_SPEED
    sta player_vy
    lda #1
    sta player_air
    lda #2
    ldx #3
    jsr add_score               ; 200
    jmp sound_stomp
