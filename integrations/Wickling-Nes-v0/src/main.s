; Wickling: a small lamp carries its flame through the night to the beacon.
; Part of neuroevo, MIT licence. The game is a pure function of work RAM and buttons: there is no
; random number in it.
;
;   main.s      switching on, the frame, flow of the game
;   level.s     level columns: decoding, the tile window, scrolling, appearing objects
;   player.s    the lamp: walking, jumping, collisions, what it touches
;   objects.s   creatures and planks
;   video.s     the picture: NMI, HUD, sprites
;   sound.s     a few effects

.include "ram.inc"
.include "art.inc"

.segment "HEADER"
    .byte $4E, $45, $53, $1A    ; NES and end of file; "NES" would become tiles of our font
    .byte 2                     ; 2 x 16 KB program
    .byte 1                     ; 8 KB pictures
    .byte $01                   ; mapper 0, nametables side by side
    .byte 0, 0, 0, 0, 0, 0, 0, 0, 0

.segment "CODE"

reset:
    sei
    cld
    ldx #$40
    stx APU_FRAME               ; no interrupts from the sound unit
    ldx #$FF
    txs
    inx
    stx PPU_CTRL
    stx PPU_MASK
    stx $4010
    bit PPU_STATUS
@warm1:
    bit PPU_STATUS
    bpl @warm1
    txa                         ; work RAM is undefined at power-on: clear all of it
@clear:
    sta $0000,x
    sta $0100,x
    sta $0200,x
    sta $0300,x
    sta $0400,x
    sta $0500,x
    sta $0600,x
    sta $0700,x
    inx
    bne @clear
@warm2:
    bit PPU_STATUS
    bpl @warm2
    lda #2
    sta lives
    lda #$0F
    sta APU_STATUS
    jsr load_level

forever:
    lda nmi_seen
    beq forever
    lda #0
    sta nmi_seen
    jsr wait_for_split
    jsr read_pad
    jsr play_frame
    jsr build_hud
    jsr build_sprites
    lda #1
    sta frame_ready
    jmp forever

; Read the first pad: bits A B SELECT START UP DOWN LEFT RIGHT.
read_pad:
    lda pad
    sta pad_old
    lda #1
    sta JOYPAD
    sta pad                     ; a 1 that falls out after eight shifts
    lsr a
    sta JOYPAD
@bit:
    lda JOYPAD
    lsr a
    rol pad
    bcc @bit
    lda pad_old
    eor #$FF
    and pad
    sta pad_new
    rts

; One frame of the game.
play_frame:
    jsr handle_pause
    lda paused
    bne @done
    inc frames
    bne @counted
    inc frames+1
@counted:
    lda player_state
    cmp #STATE_PLAY
    beq @play
    cmp #STATE_BEACON
    beq @beacon
    cmp #STATE_FELL
    beq @dying
    cmp #STATE_HURT
    beq @dying
@done:
    rts                         ; game over and dawn: nothing moves any more
@play:
    jsr run_clock
    jsr move_objects
    jsr move_player
    jsr touch_tiles
    jsr touch_objects
    jsr check_goal
    jsr move_camera
    jsr feed_columns
    jsr feed_objects
    jmp publish
@beacon:
    jmp run_beacon
@dying:
    dec death_timer
    bne @done
    lda lives
    bmi @over
    jmp load_level              ; the level begins again
@over:
    lda #STATE_OVER
    sta player_state
    rts

; START stops and continues; SELECT while stopped goes to the next level.
handle_pause:
    lda pad_new
    and #BUTTON_START
    beq @select
    lda paused
    bne @continue
    lda player_state
    cmp #STATE_PLAY
    bne @done
    inc paused
    rts
@continue:
    dec paused
    rts
@select:
    lda paused
    beq @done
    lda pad_new
    and #BUTTON_SELECT
    beq @done
    inc level
    lda level
    cmp #NUM_LEVELS
    bcc @load
    lda #0
    sta level
@load:
    jmp load_level
@done:
    rts

; The clock falls by one every 24 frames; at zero the flame goes out.
run_clock:
    dec tick
    bne @done
    lda #24
    sta tick
    jsr clock_down
    bcs @done
    lda #0                      ; out of time: glass does not help
    sta power
    lda #STATE_HURT
    jmp die
@done:
    rts

; Lower the clock by one. Carry clear: it was at zero, or has reached it.
clock_down:
    ldx #2
@digit:
    lda time,x
    bne @lower
    lda #9
    sta time,x
    dex
    bpl @digit
    lda #0                      ; 000 stays 000
    sta time
    sta time+1
    sta time+2
    clc
    rts
@lower:
    dec time,x
    lda time
    ora time+1
    ora time+2
    cmp #1                      ; carry set unless all are zero
    rts

; The player loses its life now. A = the state that shows how.
die:
    sta player_state
    lda #60
    sta death_timer
    dec lives
    lda #0
    sta power
    jmp sound_death

; Hurt the player, unless it is still shielded from the last hit; the glass breaks first.
hurt:
    lda invulnerable
    bne @done
    lda power
    beq @die
    lda #0
    sta power
    lda #90
    sta invulnerable
    jmp sound_break
@die:
    lda #STATE_HURT
    jmp die
@done:
    rts

; Has the player reached the beacon?
check_goal:
    lda player_state
    cmp #STATE_PLAY
    bne @done
    lda player_x
    cmp own_goal_x
    lda player_page
    sbc own_goal_x+1
    bcc @done
    lda #STATE_BEACON
    sta player_state
    lda #1
    sta own_goal
    inc own_beacons
    lda #90
    sta goal_timer
    jsr light_beacon
    lda #5
    ldx #2
    jsr add_score               ; 5000
    jmp sound_goal
@done:
    rts

; The time left becomes score, then the next level begins.
run_beacon:
    lda time
    ora time+1
    ora time+2
    beq @wait
    jsr clock_down
    lda #1
    ldx #4
    jmp add_score               ; 10 for each unit of time
@wait:
    dec goal_timer
    bne @done
    ldx level
    inx
    cpx #NUM_LEVELS
    bcc @next
    lda #STATE_DAWN
    sta player_state
@done:
    rts
@next:
    stx level
    jmp load_level

; Add A (0 to 9) to digit X of the score (0 is the highest); it stays at 999999 at most.
add_score:
    clc
    adc score,x
    sta score,x
    cmp #10
    bcc @done
    sbc #10
    sta score,x
    lda #1
    dex
    bpl add_score
    lda #9
    ldx #5
@full:
    sta score,x
    dex
    bpl @full
@done:
    rts

; What trainers read as one number.
publish:
    lda player_x
    sta own_x
    lda player_page
    sta own_x+1
    ldx #0
    lda player_air
    bne @air
    inx
@air:
    stx own_on_ground
    rts

.include "level.s"
.include "player.s"
.include "objects.s"
.include "video.s"
.include "sound.s"

.segment "LEVELS"
.include "levels.inc"

.segment "VECTORS"
    .addr nmi, reset, irq

.segment "CHR"
    .incbin "chr.bin"
