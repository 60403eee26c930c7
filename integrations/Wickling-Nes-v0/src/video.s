; The picture: NMI, HUD, sprites.
;
; The HUD stands still in the top 32 lines: the scroll is set to zero for them, and to the level's
; place when sprite 0 is met at their end. The NMI copies at most one level column or the HUD,
; never both, because the vertical blank has time for no more.

HUD_LINE        = $20 * 3       ; the second line of the HUD
HUD_PALETTE     = 2             ; warm yellow

; Once per frame, at the start of the vertical blank.
nmi:
    pha
    txa
    pha
    tya
    pha
    lda frame_ready
    bne @show
    inc lag_frames
    jmp @scroll
@show:
    lda #0
    sta frame_ready
    sta OAM_ADDR
    lda #>oam
    sta OAM_DMA
    jsr upload_changes
    lda col_ready
    beq @hud
    jsr upload_column
    jmp @scroll
@hud:
    jsr upload_hud
@scroll:
    lda #%10001000              ; NMI on, sprites from the upper half, left nametable
    sta PPU_CTRL
    bit PPU_STATUS
    lda #0
    sta PPU_SCROLL
    sta PPU_SCROLL
    lda #1
    sta nmi_seen
    pla
    tay
    pla
    tax
    pla
irq:
    rti

; Copy the decoded column to the picture unit.
upload_column:
    lda #%00001100              ; go down, not right; no NMI, the level may be loading
    sta PPU_CTRL
    bit PPU_STATUS
    lda col_nt
    sta PPU_ADDR
    lda col_x
    ora #$80                    ; line 4
    sta PPU_ADDR
    ldx #0
@left:
    lda col_left,x
    sta PPU_DATA
    inx
    cpx #26
    bne @left
    lda col_nt
    sta PPU_ADDR
    lda col_x
    ora #$81
    sta PPU_ADDR
    ldx #0
@right:
    lda col_right,x
    sta PPU_DATA
    inx
    cpx #26
    bne @right
    ldx #0
    lda col_nt
    ora #$03
    tay
    lda col_at
@attribute:
    sty PPU_ADDR
    sta PPU_ADDR
    pha
    lda col_attr,x
    sta PPU_DATA
    pla
    clc
    adc #8
    inx
    cpx #7
    bne @attribute
    lda #0
    sta col_ready
    rts

; Copy changed tiles.
upload_changes:
    ldx change_count
    beq @done
    lda #%00001000
    sta PPU_CTRL
    bit PPU_STATUS
@change:
    dex
    lda change_hi,x
    sta PPU_ADDR
    lda change_lo,x
    sta PPU_ADDR
    lda change_tl,x
    sta PPU_DATA
    lda change_tr,x
    sta PPU_DATA
    lda change_lo,x             ; the line below: bit 5 is clear, so no carry
    ora #$20
    ldy change_hi,x
    sty PPU_ADDR
    sta PPU_ADDR
    lda change_bl,x
    sta PPU_DATA
    lda change_br,x
    sta PPU_DATA
    txa
    bne @change
    stx change_count
@done:
    rts

upload_hud:
    lda #%00001000
    sta PPU_CTRL
    bit PPU_STATUS
    lda #$20
    sta PPU_ADDR
    lda #HUD_LINE
    sta PPU_ADDR
    ldx #0
@tile:
    lda hud,x
    sta PPU_DATA
    inx
    cpx #32
    bne @tile
    rts

; Wait for sprite 0, then set the level's scroll. Bounded: a missed split must not stop the game.
wait_for_split:
    ldx #0
    ldy #8
@old:                           ; last frame's hit is still shown until the blank ends
    bit PPU_STATUS
    bvc @wait
    dex
    bne @old
    dey
    bne @old
@wait:
    ldx #0
    ldy #8
@hit:
    bit PPU_STATUS
    bvs @split
    dex
    bne @hit
    dey
    bne @hit
@split:
    lda split_x
    sta PPU_SCROLL
    lda #0
    sta PPU_SCROLL
    lda split_ctrl
    sta PPU_CTRL
    rts

; Rendering is off: palettes of the level's theme.
show_palettes:
    ldy level
    lda level_theme,y
    asl a                       ; 32 bytes each
    asl a
    asl a
    asl a
    asl a
    tax
    lda #$3F
    sta PPU_ADDR
    lda #$00
    sta PPU_ADDR
    ldy #32
@color:
    lda palettes,x
    sta PPU_DATA
    inx
    dey
    bne @color
    rts

clear_nametables:
    lda #$20
    sta PPU_ADDR
    lda #$00
    sta PPU_ADDR
    ldy #8
    tax
@byte:
    sta PPU_DATA
    inx
    bne @byte
    dey
    bne @byte
    rts

; The first line of the HUD, and its colours.
show_hud_labels:
    lda #$20
    sta PPU_ADDR
    lda #$20 * 2
    sta PPU_ADDR
    ldx #0
@label:
    lda labels,x
    sta PPU_DATA
    sta hud,x                   ; cleared below; the length is the same
    inx
    cpx #32
    bne @label
    lda #$23
    sta PPU_ADDR
    lda #$C0
    sta PPU_ADDR
    ldx #8
    lda #HUD_PALETTE * %01010101
@attribute:
    sta PPU_DATA
    dex
    bne @attribute
    lda #0
    ldx #31
@clear:
    sta hud,x
    dex
    bpl @clear
    lda #TILE_SPLIT
    sta hud+31
    lda #TILE_SPARK_ICON
    sta hud+11
    lda #TILE_LAMP_ICON
    sta hud+27
    jmp upload_hud

labels:
    .byte "  SCORE    SPARK  LV  TIME LAMP "
    .assert * - labels = 32, error, "the HUD line has 32 characters"

; The second line of the HUD.
build_hud:
    ldx #5
@score:
    lda score,x
    clc
    adc #CHAR_0
    sta hud+2,x
    dex
    bpl @score
    lda sparks                  ; two digits
    ldx #CHAR_0
    sec
@tens:
    sbc #10
    bcc @ones
    inx
    bcs @tens
@ones:
    adc #CHAR_0 + 10            ; carry is clear
    stx hud+12
    sta hud+13
    lda level
    clc
    adc #CHAR_0
    sta hud+18
    ldx #2
@time:
    lda time,x
    clc
    adc #CHAR_0
    sta hud+22,x
    dex
    bpl @time
    lda lives                   ; the one that burns counts too
    clc
    adc #CHAR_0 + 1
    sta hud+28
    lda paused
    beq @running
    ldx #0
    beq @message
@running:
    ldx #9
    lda player_state            ; STATE_OVER is zero
    beq @message
    ldx #18
    cmp #STATE_DAWN
    bne @done
@message:
    ldy #0
@letter:
    lda messages,x
    sta hud+9,y
    inx
    iny
    cpy #9
    bne @letter
    rts
@done:
    lda #0                      ; where a message may have been
    sta hud+9
    sta hud+10
    sta hud+14
    sta hud+15
    sta hud+16
    sta hud+17
    lda #TILE_SPARK_ICON
    sta hud+11
    rts
messages:
    .byte " PAUSED  "
    .byte "GAME OVER"
    .byte "  DAWN   "

CHAR_0 = '0'

; Turn the picture on, at the beginning of a vertical blank.
show_screen:
    jsr place_split
    bit PPU_STATUS
@blank:
    bit PPU_STATUS
    bpl @blank
    lda #>oam
    ldx #0
    stx OAM_ADDR
    sta OAM_DMA
    stx PPU_SCROLL
    stx PPU_SCROLL
    lda #%10001000
    sta PPU_CTRL
    lda #%00011110
    sta PPU_MASK
    lda #1                      ; what the level shows first is prepared
    sta frame_ready
    rts

; The scroll of the level below the HUD.
place_split:
    lda cam_x
    sta split_x
    lda cam_page
    and #1
    ora #%10001000
    sta split_ctrl
    sta ctrl
    rts

; All sprites of the frame: the split, the player, the objects, a puff.
build_sprites:
    jsr place_split
    lda #$F8                    ; hide all
    ldx #0
@hide:
    sta oam,x
    inx
    inx
    inx
    inx
    bne @hide
    lda #30                     ; shown one line later: from the last line of the HUD on
    sta oam
    lda #SPR_SPLIT
    sta oam+1
    lda #$20                    ; behind the background
    sta oam+2
    lda #248                    ; in the part of the screen that is cut off
    sta oam+3
    lda #4
    sta oam_next
    jsr draw_player
    ldx #0
@slot:
    stx slot
    lda obj_active,x
    beq @next
    jsr draw_object
@next:
    ldx slot
    inx
    cpx #NUM_SLOTS
    bne @slot
    lda puff_timer
    beq @done
    lda puff_x
    sta tmp0
    lda puff_page
    sta tmp1
    lda puff_y
    clc
    adc #7
    sta tmp2
    ldx #SPR_PUFF1
    lda puff_timer
    cmp #8
    bcs @puff
    ldx #SPR_PUFF2
@puff:
    stx tmp3
    lda #2
    sta tmp4
    jsr draw_picture
@done:
    rts

draw_player:
    lda invulnerable            ; flicker
    and #$04
    bne @done
    lda player_x
    sta tmp0
    lda player_page
    sta tmp1
    lda player_y
    clc
    adc #15
    sta tmp2
    lda player_ypage
    adc #$FF                    ; page 1 is the screen
    bne @done
    lda power
    ldx player_facing
    cpx #2
    bne @facing
    ora #$40
@facing:
    sta tmp4
    jsr player_picture
    sta tmp3
    jmp draw_picture
@done:
    rts

; A = first tile of the player's picture.
player_picture:
    lda player_state
    cmp #STATE_HURT
    beq @dead
    cmp #STATE_FELL
    beq @dead
    lda player_air
    bne @jump
    lda player_vx
    ora player_vxlo
    beq @stand
    lda player_vx               ; looking one way, sliding the other
    asl a
    lda #1
    adc #0                      ; 1 moving right, 2 moving left
    cmp player_facing
    bne @skid
    lda player_x
    and #$08
    beq @step
    lda #SPR_LAMP_WALK1
    rts
@step:
    lda #SPR_LAMP_WALK2
    rts
@stand:
    lda #SPR_LAMP_STAND
    rts
@jump:
    lda #SPR_LAMP_JUMP
    rts
@skid:
    lda #SPR_LAMP_SKID
    rts
@dead:
    lda #SPR_LAMP_DEAD
    rts

draw_object:
    lda obj_x,x
    sta tmp0
    lda obj_page,x
    sta tmp1
    lda obj_y,x
    clc
    adc #7
    bcs @done
    sta tmp2
    ldy obj_kind,x
    cpy #KIND_PLANKS
    bcs draw_plank
    lda pictures_first,y
    sta tmp3
    cpy #KIND_CRICKET
    beq @cricket
    lda frames
    and #$08
    beq @colour
    lda pictures_second,y
    sta tmp3
    bne @colour
@cricket:
    lda obj_grounded,x
    bne @colour
    lda #SPR_CRICKET_LEAP
    sta tmp3
@colour:
    lda creature_palette,y
    ldy obj_vxhi,x              ; pictures face right
    bpl @right
    ora #$40
@right:
    sta tmp4
    jmp draw_picture
@done:
    rts

pictures_first:
    .byte 0, SPR_BEETLE1, SPR_NEWT1, SPR_MOTH1, SPR_CRICKET_SIT, SPR_THISTLE1
pictures_second:
    .byte 0, SPR_BEETLE2, SPR_NEWT2, SPR_MOTH2, SPR_CRICKET_LEAP, SPR_THISTLE2
creature_palette:
    .byte 0, 2, 3, 3, 2, 3

; Four tiles in a line.
draw_plank:
    lda obj_y,x
    sec
    sbc #1
    sta tmp2
    lda #SPR_PLANK
    sta tmp3
    lda #3
    sta tmp4
    lda #4
    sta tmp5
@tile:
    jsr screen_x
    bne @skip
    lda tmp3
    jsr put_sprite
@skip:
    inc tmp3
    jsr right8
    dec tmp5
    bne @tile
    rts

; A 16 x 16 picture: tmp0/tmp1 = level x, tmp2 = line, tmp3 = first tile, tmp4 = attributes.
draw_picture:
    lda #0
    sta tmp5                    ; which tile column of the picture comes first
    lda tmp4
    and #$40
    beq @half
    inc tmp5
@half:
    jsr half_picture
    jsr right8
    lda tmp5
    eor #1
    sta tmp5
half_picture:
    jsr screen_x
    bne @off
    lda tmp3
    clc
    adc tmp5
    jsr put_sprite
    lda tmp2
    pha
    clc
    adc #8
    sta tmp2
    lda tmp3
    adc tmp5
    adc #2
    jsr put_sprite
    pla
    sta tmp2
@off:
    rts

right8:
    lda tmp0
    clc
    adc #8
    sta tmp0
    bcc @done
    inc tmp1
@done:
    rts

; tmp6 = x on the screen; zero flag set if it is on the screen.
screen_x:
    lda tmp0
    sec
    sbc cam_x
    sta tmp6
    lda tmp1
    sbc cam_page
    rts

; One sprite: A = tile, tmp6 = x, tmp2 = line, tmp4 = attributes.
put_sprite:
    ldy oam_next
    sta oam+1,y
    lda tmp2
    sta oam,y
    lda tmp4
    sta oam+2,y
    lda tmp6
    sta oam+3,y
    iny
    iny
    iny
    iny
    sty oam_next
    rts
