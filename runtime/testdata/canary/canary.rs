// Leaves its principal's mark wherever a guest in Rust can, and looks for those of others.
#![no_std]
#![no_main]

use core::arch::wasm32::{memory_grow, memory_size, unreachable};
use core::ptr::{addr_of, addr_of_mut, read_volatile, write_volatile};

static mut ROOM: [u32; 4] = [0; 4];
static mut PAGES: [u32; 16384] = [1; 16384];
static mut ANSWER: u32 = 0;

extern "C" {
    // In places.s.
    fn seen(who: u32) -> u32;
    fn leave(who: u32);
    fn furnish(who: u32);
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    unreachable()
}

#[no_mangle]
pub unsafe extern "C" fn vitrine_alloc(_: u32) -> u32 {
    addr_of!(ROOM) as u32
}

unsafe fn mark(at: *mut u32, n: usize, input: *const u32) {
    let mut i = 0;
    while i + 1 < n {
        write_volatile(at.add(i), *input);
        write_volatile(at.add(i + 1), *input.add(1));
        i += 64;
    }
}

/// Takes a pattern, a principal's number, something that is for others, and what it is to do beside: 1 is to grow a
/// table, 2 to trap when all is done. It answers how often it found the pattern with another number behind it,
/// or such a number elsewhere.
#[no_mangle]
pub unsafe extern "C" fn canary(input: *const u32, _: u32) -> u64 {
    let mut stack = [0u32; 4096];
    let mut found = seen(*input.add(1));
    let mut at = 4u32;
    let end = ((memory_size(0) as u32) << 16) - 8;
    while at <= end {
        if read_volatile(at as *const u32) == *input && read_volatile((at + 4) as *const u32) != *input.add(1) {
            found += 1;
        }
        at += 4;
    }
    mark(stack.as_mut_ptr(), 4096, input);
    mark(addr_of_mut!(PAGES) as *mut u32, 16384, input);
    let grown = memory_grow(0, 2);
    if grown != usize::MAX {
        mark((grown << 16) as *mut u32, 32768, input);
    }
    leave(*input.add(1));
    match *input.add(3) {
        1 => furnish(*input.add(1)),
        2 => unreachable(),
        _ => (),
    }
    ANSWER = found;
    (addr_of!(ANSWER) as u32 as u64) << 32 | 4
}
