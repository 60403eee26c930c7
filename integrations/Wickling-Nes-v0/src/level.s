; Level columns: decoding, the tile window, scrolling, appearing objects.
;
; A level is a row of columns of 16 bytes: 13 tile codes from the top, the kind and row of an
; object (0 none), and a zero. Columns are decoded ahead of the screen into the tile window (for
; collisions and for whoever watches) and into buffers that the NMI copies to the picture unit.

LEAD_COLUMNS    = 20            ; decoded ahead of the left edge of the screen
SPAWN_COLUMNS   = 17            ; objects appear just right of the screen
SCREEN_CENTER   = 104           ; the camera keeps the player here

; Start the level of `level` from its beginning, lives and score kept.
load_level:
    lda #0
    sta PPU_CTRL                ; no NMI while the picture is rebuilt
    sta PPU_MASK
    ldx #$5F                    ; forget all about objects and the player
@forget:
    sta obj_active,x
    dex
    bpl @forget
    ldx #NUM_SLOTS
@forget_places:
    sta player_page,x
    sta player_x,x
    sta player_y,x
    dex
    bpl @forget_places
    sta player_vy
    sta power
    sta invulnerable
    sta own_goal
    sta puff_timer
    sta change_count
    sta col_ready
    sta cam_page
    sta cam_x
    sta cam_col
    sta draw_col
    sta spawn_col
    sta world
    tax
@clear_window:
    sta window,x
    sta window+$A0,x
    inx
    bne @clear_window
    lda #24
    sta tick
    lda #$FF
    sta riding
    lda #STATE_PLAY
    sta player_state
    lda #1
    sta player_facing
    sta player_ypage
    sta own_on_ground

    ldy level
    lda level_lo,y
    sta level_ptr
    lda level_hi,y
    sta level_ptr+1
    lda level_time_h,y
    sta time
    lda level_time_t,y
    sta time+1
    lda level_time_o,y
    sta time+2
    lda level_start_row,y
    clc
    adc #1
    asl a
    asl a
    asl a
    asl a
    sta player_y
    lda level_start_col,y
    jsr times16
    sta player_x
    stx player_page
    sta own_x
    stx own_x+1
    ldy level
    lda level_goal,y
    jsr times16
    sec
    sbc #8
    sta own_goal_x
    txa
    sbc #0
    sta own_goal_x+1

    jsr show_palettes
    jsr clear_nametables
    jsr show_hud_labels
@fill:
    jsr decode_column
    jsr upload_column
    lda draw_col
    cmp #LEAD_COLUMNS+1
    bne @fill
    jsr feed_objects
    jsr build_hud
    jsr build_sprites
    jmp show_screen

; A = column. Returns the pixel x of its left edge: A low byte, X page.
times16:
    tay
    lsr a
    lsr a
    lsr a
    lsr a
    tax
    tya
    asl a
    asl a
    asl a
    asl a
    rts

; The camera follows the player to the right and never goes back.
move_camera:
    ldy level
    lda player_x
    sec
    sbc #SCREEN_CENTER
    sta tmp0
    lda player_page
    sbc #0
    sta tmp1
    bcc @done                   ; still left of the middle of the first screen
    lda tmp0
    cmp cam_x
    lda tmp1
    sbc cam_page
    bcc @done
    lda level_width,y           ; the last position: 16 columns before the end
    sec
    sbc #16
    jsr times16
    sta tmp2
    stx tmp3
    cmp tmp0
    txa
    sbc tmp1
    bcs @set
    lda tmp2
    sta tmp0
    lda tmp3
    sta tmp1
@set:
    lda tmp0
    sta cam_x
    lda tmp1
    sta cam_page
    lda cam_x
    lsr a
    lsr a
    lsr a
    lsr a
    sta cam_col
    lda cam_page
    asl a
    asl a
    asl a
    asl a
    ora cam_col
    sta cam_col
@done:
    rts

; Decode at most one column per frame, until the lead is full.
feed_columns:
    lda col_ready
    bne @done
    ldy level
    lda draw_col
    cmp level_width,y
    bcs @done
    sec
    sbc cam_col
    cmp #LEAD_COLUMNS+1
    bcs @done
    jmp decode_column
@done:
    rts

; Decode column `draw_col` into the tile window and the buffers of the NMI; go to the next.
decode_column:
    lda draw_col
    jsr times16                 ; ptr = level_ptr + 16 * column
    clc
    adc level_ptr
    sta ptr
    txa
    adc level_ptr+1
    sta ptr+1
    lda draw_col
    and #$0F
    sta tmp0                    ; column within its page
    asl a
    sta col_x
    lda draw_col
    and #$10
    beq @even
    lda #>(window + LEVEL_BOTTOM)
    sta ptr2+1
    lda #<(window + LEVEL_BOTTOM)
    ldx #$24
    bne @page
@even:
    lda #>window
    sta ptr2+1
    lda #<window
    ldx #$20
@page:
    stx col_nt
    clc
    adc tmp0                    ; 208 + 15 < 256: no carry
    sta ptr2
    ldx #0                      ; X = row
@row:
    txa
    tay
    lda (ptr),y
    sta tmp1
    txa
    asl a
    asl a
    asl a
    asl a
    tay
    lda tmp1
    sta (ptr2),y
    bne @tile
    jsr sky                     ; Y = tile for the top left, A = for the bottom right
    pha
    txa
    asl a
    tax
    tya
    sta col_left,x
    pla
    sta col_right+1,x
    lda #0
    sta col_left+1,x
    sta col_right,x
    beq @next
@tile:
    tay
    txa
    asl a
    tax
    lda mt_tl,y
    sta col_left,x
    lda mt_bl,y
    sta col_left+1,x
    lda mt_tr,y
    sta col_right,x
    lda mt_br,y
    sta col_right+1,x
@next:
    txa
    lsr a
    tax
    inx
    cpx #NUM_ROWS
    bne @row
    jsr decode_attributes
    inc draw_col
    lda #1
    sta col_ready
    rts

; Stars in the upper rows, for looks only. X = row, kept. Returns Y and A: tiles for the top left
; and the bottom right of an air cell.
sky:
    ldy #0
    cpx #STAR_ROWS
    bcs @none
    lda draw_col
    asl a
    asl a
    adc draw_col
    clc
    adc star_rows,x
    and #$1F
    cmp #3
    bne @second
    ldy #TILE_STAR1
@second:
    cmp #17
    bne @none
    lda #TILE_STAR2
    rts
@none:
    lda #0
    rts
STAR_ROWS = 8
star_rows:
    .byte 3, 22, 9, 29, 14, 1, 19, 26

; One attribute byte colours two columns by two rows: take both columns from the level.
decode_attributes:
    lda tmp0
    lsr a
    clc
    adc #$C8                    ; second line of attributes: the HUD has the first
    sta col_at
    lda draw_col
    and #$01
    beq @first
    lda ptr                     ; begin with the left column of the pair
    sec
    sbc #16
    sta ptr
    bcs @first
    dec ptr+1
@first:
    ldx #0
    ldy #0                      ; row in the left column
@pair:
    lda #0
    sta tmp1
    cpy #12
    beq @top                    ; there is no row 13
    iny
    jsr palette_of              ; bottom left
    sta tmp1
    jsr palette_of_right        ; bottom right
    asl a
    asl a
    ora tmp1
    asl a
    asl a
    asl a
    asl a
    sta tmp1
    dey
@top:
    jsr palette_of_right
    asl a
    asl a
    ora tmp1
    sta tmp1
    jsr palette_of
    ora tmp1
    sta col_attr,x
    iny
    iny
    inx
    cpx #7
    bne @pair
    rts

; Palette of the tile at (ptr),y or of the one to its right. X and Y kept.
palette_of_right:
    tya
    ora #$10
    tay
    jsr palette_of
    pha
    tya
    and #$0F
    tay
    pla
    rts
palette_of:
    sty tmp2
    lda (ptr),y
    tay
    lda mt_pal,y
    ldy tmp2
    rts

; Let the objects of columns that come near appear.
feed_objects:
    ldy level
    lda spawn_col
    cmp level_width,y
    bcs @done
    sec
    sbc cam_col
    cmp #SPAWN_COLUMNS+1
    bcs @done
    lda spawn_col
    jsr times16
    sta tmp0
    stx tmp1
    clc
    adc level_ptr
    sta ptr
    txa
    adc level_ptr+1
    sta ptr+1
    inc spawn_col
    ldy #13
    lda (ptr),y
    beq feed_objects
    jsr spawn
    jmp feed_objects
@done:
    rts

; A = kind, tmp0/tmp1 = x, (ptr),14 = row.
spawn:
    sta tmp2
    ldx #0
@free:
    lda obj_active,x
    beq @found
    inx
    cpx #NUM_SLOTS
    bne @free
    lda tmp2                    ; all slots taken: a plank is needed to go on, a creature is not
    cmp #KIND_PLANKS
    bcc @done
    ldx #0
@creature:
    lda obj_kind,x
    cmp #KIND_PLANKS
    bcc @found
    inx
    cpx #NUM_SLOTS
    bne @creature
@done:
    rts
@found:
    lda tmp2
    sta obj_kind,x
    lda tmp0
    sta obj_x,x
    lda tmp1
    sta obj_page,x
    ldy #14
    lda (ptr),y
    clc
    adc #1
    asl a
    asl a
    asl a
    asl a
    adc #8                      ; feet in level pixels + 8
    sta obj_y,x
    sta obj_memo,x
    ldy tmp2
    cpy #KIND_PLANKS
    bcc @creature_y
    adc #7                      ; surface in level pixels + 32; carry is set
    sta obj_y,x
@creature_y:
    lda #1
    sta obj_active,x
    lda #0
    sta obj_xsub,x
    sta obj_ysub,x
    sta obj_vxlo,x
    sta obj_vxhi,x
    sta obj_vylo,x
    sta obj_vyhi,x
    sta obj_dx,x
    sta obj_timer,x
    sta obj_grounded,x
    cpy #KIND_PLANKS
    bcs @done
    lda first_speed_lo,y
    sta obj_vxlo,x
    lda first_speed_hi,y
    sta obj_vxhi,x
    rts

; By kind: all creatures set out to the left; the cricket waits first.
first_speed_lo:
    .byte 0, <-$0080, <-$00A0, <-$00C0, 0, <-$0120
first_speed_hi:
    .byte 0, >-$0080, >-$00A0, >-$00C0, 0, >-$0120

; Read the tile at a point. A = y in level pixels, tmp0/tmp1 = x.
; Returns A = tile code, tmp2 = cell within its page. Rows below the last are air. Y is lost.
tile_at:
    cmp #LEVEL_BOTTOM
    bcs @air
    and #$F0
    sta tmp2
    lda tmp0
    lsr a
    lsr a
    lsr a
    lsr a
    ora tmp2
    sta tmp2
    tay
    lda tmp1
    lsr a
    bcs @odd
    lda window,y
    rts
@odd:
    lda window+LEVEL_BOTTOM,y
    rts
@air:
    lda #0
    rts

; Put tile code A where tile_at has just looked (tmp1, tmp2), on the screen too. X is kept.
set_tile:
    sta tmp4
    stx tmp5
    ldy tmp2
    lda tmp1
    and #1
    bne @odd
    lda tmp4
    sta window,y
    lda #$20
    bne @address
@odd:
    lda tmp4
    sta window+LEVEL_BOTTOM,y
    lda #$24
@address:
    ldx change_count
    cpx #4
    bcs @done                   ; the picture has no room left; the game goes on
    sta change_hi,x
    lda tmp2                    ; address = nametable + (4 + 2 row) * 32 + 2 column
    and #$0F
    asl a
    sta change_lo,x
    lda tmp2
    and #$F0                    ; row * 16; times 4 is row * 64
    sta tmp3
    lda #0
    asl tmp3
    rol a
    asl tmp3
    rol a
    pha
    lda tmp3
    clc
    adc #$80                    ; four rows of HUD
    bcc @low
    tay
    pla
    adc #0                      ; carry is set
    pha
    tya
@low:
    ora change_lo,x
    sta change_lo,x
    pla
    clc
    adc change_hi,x
    sta change_hi,x
    ldy tmp4
    lda mt_tl,y
    sta change_tl,x
    lda mt_tr,y
    sta change_tr,x
    lda mt_bl,y
    sta change_bl,x
    lda mt_br,y
    sta change_br,x
    inc change_count
@done:
    ldx tmp5
    rts

; The dark lamp above the beacon's foot lights up.
light_beacon:
    ldy level
    lda level_goal,y
    jsr times16
    sta tmp0
    stx tmp1
    lda #0
@search:
    pha
    jsr tile_at
    cmp #MT_BEACON_DARK
    beq @found
    pla
    clc
    adc #16
    cmp #LEVEL_BOTTOM
    bcc @search
    rts
@found:
    pla
    lda #MT_BEACON_LIT
    jmp set_tile
