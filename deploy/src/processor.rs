//! Whether the processor has what the program was compiled for (`.cargo/config.toml`). No other question is asked of it.

/// What to say where it has not: without, the first such instruction ends the program and says nothing.
#[must_use]
pub fn lacking() -> Option<&'static str> {
    (!has_it()).then_some(
        "this program was built for processors with AVX2 and BMI2 (x86-64-v3, made since 2013), and this one lacks them; \
         build it on this machine: RUSTFLAGS=\"\" cargo build --release",
    )
}

#[cfg(all(target_arch = "x86_64", target_feature = "avx2"))]
fn has_it() -> bool {
    use std::arch::x86_64::{__cpuid, __cpuid_count};
    // `is_x86_feature_detected!` is true of whatever was compiled for, so the processor is asked itself.
    __cpuid(0).eax >= 7 && is_third_level(__cpuid(1).ecx, __cpuid_count(7, 0).ebx, __cpuid(0x8000_0001).ecx)
}

#[cfg(not(all(target_arch = "x86_64", target_feature = "avx2")))]
fn has_it() -> bool {
    true
}

/// Whether CPUID's words (leaf 1 ECX, leaf 7 EBX, leaf 8000'0001h ECX) tell all of x86-64-v3 (System V psABI, table 3.1).
#[cfg(any(test, all(target_arch = "x86_64", target_feature = "avx2")))]
fn is_third_level(first: u32, seventh: u32, extended: u32) -> bool {
    // FMA, SSE4.2, MOVBE, POPCNT, saved by the system, AVX, F16C; BMI1, AVX2, BMI2; LZCNT.
    const FIRST: u32 = 1 << 12 | 1 << 20 | 1 << 22 | 1 << 23 | 1 << 27 | 1 << 28 | 1 << 29;
    const SEVENTH: u32 = 1 << 3 | 1 << 5 | 1 << 8;
    const EXTENDED: u32 = 1 << 5;
    first & FIRST == FIRST && seventh & SEVENTH == SEVENTH && extended & EXTENDED == EXTENDED
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words as CPUID gives them on an Intel Ivy Bridge (2012, AVX without AVX2) and on an AMD EPYC (Zen).
    #[test]
    fn a_processor_of_2012_is_told_apart_from_one_of_today() {
        assert!(!is_third_level(0x7fba_e3ff, 0x0000_0281, 0x0000_0001));
        assert!(is_third_level(0xfffa_3203, 0xf1bf_07ab, 0x0000_0121));
        assert_eq!(lacking(), None, "whoever runs the tests compiled them for this machine");
    }
}
