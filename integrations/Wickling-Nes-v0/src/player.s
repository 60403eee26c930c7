; The lamp: walking, jumping, collisions, what it touches.
;
; The body is 16 pixels high and reaches from x + 2 to x + 13. player_x is the left edge of the
; 16 pixel picture, player_y the line under the feet in level pixels (row 0 of the level begins
; at 0), with player_ypage = 1 for the screen itself. All speeds are signed 8.8 fixed point.

WALK_SPEED      = $0180         ; 1.5 pixels per frame
RUN_SPEED       = $0280         ; 2.5
ACCELERATION    = $0018
FRICTION        = $0018
SKID            = $0030         ; against the direction of movement
JUMP_SPEED      = $0480         ; upward
HOLD_GRAVITY    = $0028         ; while rising with A held
GRAVITY         = $0070
FALL_SPEED      = $0480         ; clamped, so that a signed byte can never wrap
BOUNCE_SPEED    = $0340         ; after stomping

move_player:
    lda invulnerable
    beq @steer
    dec invulnerable
@steer:
    jsr steer
    jsr jump
    jsr fall
    jsr move_sideways
    jmp move_vertically

; Change the speed by the buttons.
steer:
    lda pad
    and #BUTTON_LEFT | BUTTON_RIGHT
    cmp #BUTTON_RIGHT
    beq @right
    cmp #BUTTON_LEFT
    beq @left
    lda player_air              ; no direction, or both: friction, but not in the air
    bne @done
    lda player_vx
    bpl slow_down
    jsr negate_speed
    jsr slow_down
    jmp negate_speed
@right:
    lda #1
    sta player_facing
    jmp speed_up
@left:
    lda #2
    sta player_facing
    jsr negate_speed            ; leftward is rightward in the mirror
    jsr speed_up
    jmp negate_speed
@done:
    rts

; Lower a speed that is not negative, not below zero.
slow_down:
    lda player_vxlo
    sec
    sbc #<FRICTION
    sta player_vxlo
    lda player_vx
    sbc #>FRICTION
    sta player_vx
    bcs @done
    lda #0
    sta player_vxlo
    sta player_vx
@done:
    rts

negate_speed:
    lda #0
    sec
    sbc player_vxlo
    sta player_vxlo
    lda #0
    sbc player_vx
    sta player_vx
    rts

; Go faster to the right, up to walking or running speed.
speed_up:
    lda #<WALK_SPEED
    ldx #>WALK_SPEED
    bit pad                     ; bit 6 is B
    bvc @limit
    lda #<RUN_SPEED
    ldx #>RUN_SPEED
@limit:
    sta tmp0
    stx tmp1
    lda player_vx
    bmi @skid
    lda player_vxlo
    cmp tmp0
    lda player_vx
    sbc tmp1
    bcs @too_fast
    lda player_vxlo
    adc #ACCELERATION           ; carry is clear
    sta player_vxlo
    lda player_vx
    adc #0
    sta player_vx
    lda player_vxlo             ; clamp
    cmp tmp0
    lda player_vx
    sbc tmp1
    bcs @set
    rts
@skid:
    lda player_vxlo
    clc
    adc #SKID
    sta player_vxlo
    lda player_vx
    adc #0
    sta player_vx
    rts
@too_fast:                      ; B was let go: slow down to walking, but not in the air
    lda player_air
    bne @done
    jsr slow_down
    lda player_vxlo
    cmp tmp0
    lda player_vx
    sbc tmp1
    bcs @done
@set:
    lda tmp0
    sta player_vxlo
    lda tmp1
    sta player_vx
@done:
    rts

; A fresh press of A on the ground starts a jump.
jump:
    bit pad_new
    bpl @done
    lda player_air
    bne @done
    lda #<-JUMP_SPEED
    sta player_vylo
    lda #>-JUMP_SPEED
    sta player_vy
    lda #1
    sta player_air
    lda #$FF
    sta riding
    jmp sound_jump
@done:
    rts

; Gravity: weaker while rising with A held, so a long press jumps higher.
fall:
    lda player_air
    beq @done
    ldx #GRAVITY
    lda player_vy
    bpl @pull
    bit pad
    bpl @pull
    ldx #HOLD_GRAVITY
@pull:
    txa
    clc
    adc player_vylo
    sta player_vylo
    lda player_vy
    adc #0
    sta player_vy
    bmi @done
    lda player_vylo
    cmp #<FALL_SPEED
    lda player_vy
    sbc #>FALL_SPEED
    bcc @done
    lda #<FALL_SPEED
    sta player_vylo
    lda #>FALL_SPEED
    sta player_vy
@done:
    rts

; Move by the speed and by the plank under the feet, then out of walls.
move_sideways:
    lda player_xsub
    clc
    adc player_vxlo
    sta player_xsub
    ldx #0
    lda player_vx
    bpl @sign
    dex
@sign:
    adc player_x
    sta player_x
    txa
    adc player_page
    sta player_page
    ldx riding
    bmi @walls
    ldy #0
    lda obj_dx,x
    bpl @carry
    dey
@carry:
    clc
    adc player_x
    sta player_x
    tya
    adc player_page
    sta player_page
@walls:
    lda #13
    jsr probe_x
    lda #1
    jsr player_tile
    and #TILE_SOLID
    bne @wall_right
    lda #15
    jsr player_tile
    and #TILE_SOLID
    beq @left
@wall_right:                    ; right edge to the pixel before the wall: x + 13 = 16 n - 1
    lda tmp0
    and #$F0
    sec
    sbc #14
    sta player_x
    lda tmp1
    sbc #0
    sta player_page
    lda player_vx
    bmi @left
    jsr stop_sideways
@left:
    lda #2
    jsr probe_x
    lda #1
    jsr player_tile
    and #TILE_SOLID
    bne @wall_left
    lda #15
    jsr player_tile
    and #TILE_SOLID
    beq @edges
@wall_left:                     ; left edge to the pixel after the wall: x + 2 = 16 n
    lda tmp0
    and #$F0
    clc
    adc #14
    sta player_x
    lda tmp1
    adc #0
    sta player_page
    lda player_vx
    bpl @edges
    jsr stop_sideways
@edges:
    lda player_x                ; not out of the screen to the left: x may have become negative
    cmp cam_x
    lda player_page
    sbc cam_page
    bmi @back
    rts
@back:
    lda cam_x
    sta player_x
    lda cam_page
    sta player_page
stop_sideways:
    lda #0
    sta player_vx
    sta player_vxlo
    sta player_xsub
    rts

; tmp0/tmp1 = player's x + A.
probe_x:
    clc
    adc player_x
    sta tmp0
    lda #0
    adc player_page
    sta tmp1
    rts

; A = the tile at x = tmp0/tmp1, A pixels above the line under the feet; air off the screen.
player_tile:
    sta tmp3
    lda player_ypage
    cmp #1
    bne @air
    lda player_y
    sec
    sbc tmp3
    bcc @air
    jmp tile_at
@air:
    lda #0
    rts

move_vertically:
    lda player_y
    sta old_y
    lda player_air
    bne @flying
    jmp keep_footing
@flying:
    lda player_ysub
    clc
    adc player_vylo
    sta player_ysub
    ldx #0
    lda player_vy
    bpl @sign
    dex
@sign:
    adc player_y
    sta player_y
    txa
    adc player_ypage
    sta player_ypage
    lda player_vy
    bmi bump_head
    jsr land_on_tiles
    lda player_air
    beq @done
    jsr land_on_planks
    jmp fall_out
@done:
    rts

; Rising: the head stops at solid tiles; a crate breaks.
bump_head:
    lda #4
    jsr @bump
    lda #11
@bump:
    jsr probe_x
    lda #16
    jsr player_tile
    tax
    and #TILE_SOLID
    beq @free
    cpx #MT_CRATE
    bne @stop
    lda #0
    jsr set_tile
    jsr gain_spark
@stop:
    lda player_y                ; head to the lower edge of the tile
    and #$F0
    clc
    adc #16
    sta player_y
    lda player_ypage
    adc #0
    sta player_ypage
    lda #0
    sta player_vy
    sta player_vylo
    sta player_ysub
@free:
    rts

; Falling: the feet stop on solid tiles that they have just reached.
land_on_tiles:
    lda #3
    jsr @land
    lda #12
@land:
    jsr probe_x
    lda #0
    jsr player_tile
    and #TILE_SOLID
    beq @free
    lda player_y
    and #$0F
    cmp #6                      ; deeper is inside a wall, not on it
    bcs @free
    lda player_y
    and #$F0
    sta player_y
    jmp stand
@free:
    rts

stand:
    lda #0
    sta player_vy
    sta player_vylo
    sta player_ysub
    sta player_air
    rts

; Falling: planks carry from above only.
land_on_planks:
    lda player_ypage
    cmp #1
    bne @done
    ldx #NUM_SLOTS-1
@slot:
    jsr over_plank
    bcc @next
    lda player_y                ; feet at or below the surface now ...
    cmp tmp4
    bcc @next
    lda tmp4                    ; ... and not much below it before: the plank may have risen too
    clc
    adc #3
    cmp old_y
    bcc @next
    lda tmp4
    sta player_y
    stx riding
    jmp stand
@next:
    dex
    bpl @slot
@done:
    rts

; Carry set: slot X is a plank that is under the player sideways; tmp4 = y of its surface.
over_plank:
    lda obj_active,x
    beq @no
    lda obj_kind,x
    cmp #KIND_PLANKS
    bcc @no
    lda player_x                ; player - plank must lie in -13 .. 29: 12 wide over 32 wide
    clc
    adc #13
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
    bne @no
    cpy #43
    bcs @no
    lda obj_y,x
    sec
    sbc #32
    sta tmp4
    sec
    rts
@no:
    clc
    rts

; Standing: stay with the ground or the plank, or begin to fall.
keep_footing:
    ldx riding
    bmi @tiles
    jsr over_plank
    bcc @off
    lda tmp4
    sta player_y
    rts
@off:
    lda #$FF
    sta riding
@tiles:
    lda #3
    jsr probe_x
    lda #0
    jsr player_tile
    and #TILE_SOLID
    bne @done
    lda #12
    jsr probe_x
    lda #0
    jsr player_tile
    and #TILE_SOLID
    bne @done
    lda #2
    sta player_air
@done:
    rts

; Below the screen the life is lost.
fall_out:
    lda player_ypage
    cmp #2
    bcc @done
    lda #STATE_FELL
    jmp die
@done:
    rts

; Sparks, glass and thorns inside the body.
touch_tiles:
    lda player_state
    cmp #STATE_PLAY
    bne @done
    lda #4
    jsr @column
    lda #11
@column:
    jsr probe_x
    lda #3
    jsr @touch
    lda #13
@touch:
    jsr player_tile
    beq @done
    cmp #MT_SPARK
    beq @spark
    cmp #MT_GLASS
    beq @glass
    and #TILE_HAZARD
    beq @done
    lda player_state            ; two probes may touch thorns: one hurt is enough
    cmp #STATE_PLAY
    bne @done
    jmp hurt
@spark:
    lda #0
    jsr set_tile
    jmp gain_spark
@glass:
    lda #0
    jsr set_tile
    lda #1
    sta power
    ldx #2
    jsr add_score               ; 1000
    jmp sound_glass
@done:
    rts

; One spark: 100 points; the hundredth gives a life.
gain_spark:
    lda #1
    ldx #3
    jsr add_score
    inc sparks
    lda sparks
    cmp #100
    bcc @done
    lda #0
    sta sparks
    inc lives
@done:
    jmp sound_spark
