# The places that compilers seldom write to: globals of each type, and a table.
	.globaltype	held_i32, i32
	.globaltype	held_i64, i64
	.globaltype	held_f64, f64
	.tabletype	places, externref

# seen answers in how many of them another principal's number is than who.
	.section	.text.seen,"",@
	.globl	seen
	.type	seen,@function
seen:
	.functype	seen (i32) -> (i32)
	.local	i32
	block
	global.get	held_i32
	i32.eqz
	br_if	0
	global.get	held_i32
	local.get	0
	i32.ne
	local.set	1
	end_block
	block
	global.get	held_i64
	i64.eqz
	br_if	0
	global.get	held_i64
	local.get	0
	i64.extend_i32_u
	i64.ne
	local.get	1
	i32.add
	local.set	1
	end_block
	block
	global.get	held_f64
	f64.const	0.0
	f64.eq
	br_if	0
	global.get	held_f64
	local.get	0
	f64.convert_i32_u
	f64.ne
	local.get	1
	i32.add
	local.set	1
	end_block
	table.size	places
	local.get	1
	i32.add
	end_function

# leave puts the number of who into the globals.
	.section	.text.leave,"",@
	.globl	leave
	.type	leave,@function
leave:
	.functype	leave (i32) -> ()
	local.get	0
	global.set	held_i32
	local.get	0
	i64.extend_i32_u
	global.set	held_i64
	local.get	0
	f64.convert_i32_u
	global.set	held_f64
	end_function

# furnish makes the table as long as who's number.
	.section	.text.furnish,"",@
	.globl	furnish
	.type	furnish,@function
furnish:
	.functype	furnish (i32) -> ()
	ref.null_extern
	local.get	0
	table.grow	places
	drop
	end_function

	.globl	held_i32
	.hidden	held_i32
held_i32:
	.globl	held_i64
	.hidden	held_i64
held_i64:
	.globl	held_f64
	.hidden	held_f64
held_f64:
	.globl	places
	.hidden	places
places:
