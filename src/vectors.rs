//! The one inner loop of the tagger, `sums += input · weights` over 16-bit integers, in the vector instructions of the
//! machine.
//!
//! It runs over several characters at once: what it waits for is the sum before it and the weights from memory, and
//! both waits are shared. The machine is asked once. All ways give the same result, since all is integers and none
//! saturates.

/// Numbers of 32 bits in a vector register.
pub const LANES: usize = 8;

/// Registers of sums: both the outputs of one network's layer and the labels fill three.
pub const REGISTERS: usize = 3;

/// Sums of 32 bits.
pub type Sums = [[i32; LANES]; REGISTERS];

/// Weights of a pair of inputs for every sum: `[sum][which of the pair]`.
pub type Weights = [[i16; 2 * LANES]; REGISTERS];

/// Work that is compiled once for every kind of instructions.
pub trait Task {
    /// Does it. To be marked `#[inline(always)]` with all that it calls: only what is inlined gets the instructions.
    fn run(self, vectors: impl MultiplyAdd);
}

/// Inputs in pairs, as the weights are.
pub type Inputs<const PAIRS: usize> = [[i16; 2]; PAIRS];

/// `sums[output] += input · weights[·][output]`, with weights in pairs of inputs.
pub trait MultiplyAdd: Copy {
    /// Adds the products of all inputs of some characters to the sums of each.
    fn multiply_add<const CHARS: usize, const PAIRS: usize>(
        self,
        sums: &mut [Sums; CHARS],
        inputs: [&Inputs<PAIRS>; CHARS],
        weights: &[Weights; PAIRS],
    );
}

/// The instructions to use.
#[derive(Clone, Copy)]
pub enum Vectors {
    /// AVX-512 with its multiply-and-accumulate instructions.
    #[cfg(target_arch = "x86_64")]
    Vnni(beyond_pulp::Vnni),
    /// AVX2.
    #[cfg(target_arch = "x86_64")]
    V3(pulp::x86::V3),
    /// Whatever the compiler makes of plain loops.
    Plain,
}

impl Vectors {
    /// The widest that this machine has.
    pub fn of_this_machine() -> Self {
        Self::all().next().unwrap_or(Self::Plain)
    }

    /// All that this machine has, the widest first.
    pub fn all() -> impl Iterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        let wide = [beyond_pulp::Vnni::try_new().map(Self::Vnni), pulp::x86::V3::try_new().map(Self::V3)];
        #[cfg(not(target_arch = "x86_64"))]
        let wide: [Option<Self>; 0] = [];
        wide.into_iter().flatten().chain([Self::Plain])
    }

    /// Does the work with them.
    #[inline]
    pub fn run(self, task: impl Task) {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Vnni(vnni) => vnni.run(task),
            #[cfg(target_arch = "x86_64")]
            Self::V3(v3) => v3.vectorize(OnV3(task, v3)),
            Self::Plain => task.run(Plain),
        }
    }
}

#[derive(Clone, Copy)]
struct Plain;

impl MultiplyAdd for Plain {
    #[inline(always)]
    fn multiply_add<const CHARS: usize, const PAIRS: usize>(
        self,
        sums: &mut [Sums; CHARS],
        inputs: [&Inputs<PAIRS>; CHARS],
        weights: &[Weights; PAIRS],
    ) {
        for (sums, input) in sums.iter_mut().zip(inputs) {
            for (&[a, b], weights) in input.iter().zip(weights) {
                for (sums, weights) in sums.iter_mut().zip(weights) {
                    for (sum, &[for_a, for_b]) in sums.iter_mut().zip(weights.as_chunks::<2>().0) {
                        *sum += i32::from(a) * i32::from(for_a) + i32::from(b) * i32::from(for_b);
                    }
                }
            }
        }
    }
}

/// A task as pulp wants it: a closure would not surely be inlined into the instructions.
#[cfg(target_arch = "x86_64")]
struct OnV3<T>(T, pulp::x86::V3);

#[cfg(target_arch = "x86_64")]
impl<T: Task> pulp::NullaryFnOnce for OnV3<T> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.0.run(self.1);
    }
}

#[cfg(target_arch = "x86_64")]
impl MultiplyAdd for pulp::x86::V3 {
    #[inline(always)]
    fn multiply_add<const CHARS: usize, const PAIRS: usize>(
        self,
        sums: &mut [Sums; CHARS],
        inputs: [&Inputs<PAIRS>; CHARS],
        weights: &[Weights; PAIRS],
    ) {
        // Loops and no `map`: this must all become registers.
        let mut registers = [[self.avx._mm256_setzero_si256(); REGISTERS]; CHARS];
        for (register, &sums) in registers.as_flattened_mut().iter_mut().zip(sums.as_flattened()) {
            *register = pulp::cast(sums);
        }
        for (pair, weights) in weights.iter().enumerate() {
            for (registers, input) in registers.iter_mut().zip(inputs) {
                let input = self.avx._mm256_set1_epi32(pulp::cast(input[pair]));
                for (register, &weights) in registers.iter_mut().zip(weights) {
                    let products = self.avx2._mm256_madd_epi16(input, pulp::cast(weights));
                    *register = self.avx2._mm256_add_epi32(*register, products);
                }
            }
        }
        for (sums, &register) in sums.as_flattened_mut().iter_mut().zip(registers.as_flattened()) {
            *sums = pulp::cast(register);
        }
    }
}

/// Begins to read a value from memory and waits for nothing: many may be under way at once.
#[inline(always)]
pub fn fetch<T>(value: &T) {
    #[cfg(target_arch = "x86_64")]
    beyond_pulp::fetch(value);
    #[cfg(not(target_arch = "x86_64"))]
    let _ = value;
}

/// What pulp does not offer, hence the `unsafe`: the reading ahead of memory, and AVX-512 VNNI, of which one instruction
/// for sixteen sums multiplies, adds the pair and accumulates; AVX2 needs four.
#[cfg(target_arch = "x86_64")]
mod beyond_pulp {
    #![allow(unsafe_code)]

    use super::{Inputs, LANES, MultiplyAdd, Sums, Task, Weights};
    use std::arch::x86_64::{
        __m256i, __m512i, _MM_HINT_T0, _mm_prefetch, _mm256_dpwssd_epi32, _mm256_set1_epi32, _mm256_setzero_si256,
        _mm512_dpwssd_epi32, _mm512_set1_epi32, _mm512_setzero_si512,
    };
    use std::mem::transmute;

    /// Bytes of a cache line.
    const LINE: usize = 64;

    #[inline(always)]
    pub fn fetch<T>(value: &T) {
        let first = std::ptr::from_ref(value).cast::<i8>();
        let mut at = 0;
        while at < size_of::<T>() {
            // SAFETY: every x86-64 has the instruction, and it reads nothing that the program could see.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(first.wrapping_add(at)) };
            at += LINE;
        }
        // SAFETY: as above. The value may begin within a line, and end in one more.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(first.wrapping_add(size_of::<T>().saturating_sub(1))) };
    }

    /// Exists only where the machine has the instructions.
    #[derive(Clone, Copy)]
    pub struct Vnni(());

    impl Vnni {
        pub fn try_new() -> Option<Self> {
            let found = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512vnni");
            found.then_some(Self(()))
        }

        #[inline]
        pub fn run(self, task: impl Task) {
            #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
            #[inline]
            fn with_instructions(vnni: Vnni, task: impl Task) {
                task.run(vnni);
            }
            // SAFETY: a `Vnni` exists only where `try_new` found the instructions that are enabled here.
            unsafe { with_instructions(self, task) }
        }
    }

    impl MultiplyAdd for Vnni {
        #[inline(always)]
        fn multiply_add<const CHARS: usize, const PAIRS: usize>(
            self,
            sums: &mut [Sums; CHARS],
            inputs: [&Inputs<PAIRS>; CHARS],
            weights: &[Weights; PAIRS],
        ) {
            // SAFETY: a `Vnni` exists only where `try_new` found these instructions; registers are plain numbers.
            unsafe {
                let mut registers = [(_mm512_setzero_si512(), _mm256_setzero_si256()); CHARS];
                for ((wide, narrow), &[first, second, third]) in registers.iter_mut().zip(&*sums) {
                    *wide = transmute::<[[i32; LANES]; 2], __m512i>([first, second]);
                    *narrow = transmute::<[i32; LANES], __m256i>(third);
                }
                for (pair, &[first, second, third]) in weights.iter().enumerate() {
                    let for_wide = transmute::<[[i16; 2 * LANES]; 2], __m512i>([first, second]);
                    let for_narrow = transmute::<[i16; 2 * LANES], __m256i>(third);
                    for ((wide, narrow), input) in registers.iter_mut().zip(inputs) {
                        let input = transmute::<[i16; 2], i32>(input[pair]);
                        *wide = _mm512_dpwssd_epi32(*wide, for_wide, _mm512_set1_epi32(input));
                        *narrow = _mm256_dpwssd_epi32(*narrow, for_narrow, _mm256_set1_epi32(input));
                    }
                }
                for (sums, &(wide, narrow)) in sums.iter_mut().zip(&registers) {
                    let [first, second] = transmute::<__m512i, [[i32; LANES]; 2]>(wide);
                    *sums = [first, second, transmute::<__m256i, [i32; LANES]>(narrow)];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHARS: usize = 3;
    const PAIRS: usize = 36;

    struct Multiply<'a>(&'a mut [Sums; CHARS], [&'a Inputs<PAIRS>; CHARS], &'a [Weights; PAIRS]);

    impl Task for Multiply<'_> {
        #[inline(always)]
        fn run(self, vectors: impl MultiplyAdd) {
            vectors.multiply_add(self.0, self.1, self.2);
        }
    }

    #[test]
    fn all_instructions_give_the_same_sums() {
        let mut state = 7u32;
        let mut number = |most: i16| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((state >> 8) % (2 * most as u32 + 1)) as i16 - most
        };
        let inputs = [(); CHARS].map(|()| [(); PAIRS].map(|()| [(); 2].map(|()| number(2047))));
        let weights = [(); PAIRS].map(|()| [(); REGISTERS].map(|()| [(); 2 * LANES].map(|()| number(8191))));
        let mut want = [[[5; LANES]; REGISTERS]; CHARS];
        for (sums, input) in want.iter_mut().zip(&inputs) {
            for (at, &value) in input.as_flattened().iter().enumerate() {
                for (sum, slot) in sums.as_flattened_mut().iter_mut().enumerate() {
                    let weight = weights[at / 2][sum / LANES][sum % LANES * 2 + at % 2];
                    *slot += i32::from(value) * i32::from(weight);
                }
            }
        }
        for vectors in Vectors::all() {
            let mut sums = [[[5; LANES]; REGISTERS]; CHARS];
            vectors.run(Multiply(&mut sums, inputs.each_ref(), &weights));
            assert_eq!(sums, want);
        }
    }
}
