//! The one inner loop of the tagger, `sums += input · weights` over 16-bit integers, in the vector instructions of the
//! machine.
//!
//! The machine is asked once. All ways give the same result, since all is integers and none saturates.

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

/// `sums[output] += input · weights[·][output]`, with weights in pairs of inputs.
pub trait MultiplyAdd: Copy {
    /// Adds the products of all inputs.
    fn multiply_add(self, sums: &mut Sums, input: &[i16], weights: &[Weights]);
}

/// The instructions to use.
#[derive(Clone, Copy)]
pub enum Vectors {
    /// AVX-512 with its multiply-and-accumulate instructions.
    #[cfg(target_arch = "x86_64")]
    Vnni(vnni::Vnni),
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
        let wide = [vnni::Vnni::try_new().map(Self::Vnni), pulp::x86::V3::try_new().map(Self::V3)];
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
    fn multiply_add(self, sums: &mut Sums, input: &[i16], weights: &[Weights]) {
        for (&[a, b], weights) in input.as_chunks::<2>().0.iter().zip(weights) {
            for (sums, weights) in sums.iter_mut().zip(weights) {
                for (sum, &[for_a, for_b]) in sums.iter_mut().zip(weights.as_chunks::<2>().0) {
                    *sum += i32::from(a) * i32::from(for_a) + i32::from(b) * i32::from(for_b);
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
    fn multiply_add(self, sums: &mut Sums, input: &[i16], weights: &[Weights]) {
        let mut registers: [std::arch::x86_64::__m256i; REGISTERS] = sums.map(pulp::cast);
        for (&pair, weights) in input.as_chunks::<2>().0.iter().zip(weights) {
            let pair = self.avx._mm256_set1_epi32(pulp::cast(pair));
            for (register, &weights) in registers.iter_mut().zip(weights) {
                let products = self.avx2._mm256_madd_epi16(pair, pulp::cast(weights));
                *register = self.avx2._mm256_add_epi32(*register, products);
            }
        }
        *sums = registers.map(pulp::cast);
    }
}

/// AVX-512 VNNI: one instruction for sixteen sums multiplies, adds the pair and accumulates; AVX2 needs four. pulp does
/// not offer it, hence the `unsafe`.
#[cfg(target_arch = "x86_64")]
mod vnni {
    #![allow(unsafe_code)]

    use super::{LANES, MultiplyAdd, Sums, Task, Weights};
    use std::arch::x86_64::{
        __m256i, __m512i, _mm256_dpwssd_epi32, _mm256_set1_epi32, _mm512_dpwssd_epi32, _mm512_set1_epi32,
    };
    use std::mem::transmute;

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
        fn multiply_add(self, sums: &mut Sums, input: &[i16], weights: &[Weights]) {
            let [first, second, third] = *sums;
            // SAFETY: a `Vnni` exists only where `try_new` found these instructions; registers are plain numbers.
            unsafe {
                let mut wide = transmute::<[[i32; LANES]; 2], __m512i>([first, second]);
                let mut narrow = transmute::<[i32; LANES], __m256i>(third);
                for (&pair, &[first, second, third]) in input.as_chunks::<2>().0.iter().zip(weights) {
                    let pair = transmute::<[i16; 2], i32>(pair);
                    wide = _mm512_dpwssd_epi32(
                        wide,
                        _mm512_set1_epi32(pair),
                        transmute::<[[i16; 2 * LANES]; 2], __m512i>([first, second]),
                    );
                    narrow = _mm256_dpwssd_epi32(
                        narrow,
                        _mm256_set1_epi32(pair),
                        transmute::<[i16; 2 * LANES], __m256i>(third),
                    );
                }
                let [first, second] = transmute::<__m512i, [[i32; LANES]; 2]>(wide);
                *sums = [first, second, transmute::<__m256i, [i32; LANES]>(narrow)];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Multiply<'a>(&'a mut Sums, &'a [i16], &'a [Weights]);

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
        for length in [2, 24, 72, 144] {
            let input: Vec<i16> = (0..length).map(|_| number(2047)).collect();
            let weights: Vec<Weights> =
                (0..length / 2).map(|_| [(); REGISTERS].map(|()| [(); 2 * LANES].map(|()| number(8191)))).collect();
            let mut want = [[5; LANES]; REGISTERS];
            for (at, &value) in input.iter().enumerate() {
                for (sum, slot) in want.as_flattened_mut().iter_mut().enumerate() {
                    let weight = weights[at / 2][sum / LANES][sum % LANES * 2 + at % 2];
                    *slot += i32::from(value) * i32::from(weight);
                }
            }
            for vectors in Vectors::all() {
                let mut sums = [[5; LANES]; REGISTERS];
                vectors.run(Multiply(&mut sums, &input, &weights));
                assert_eq!(sums, want, "{length} inputs");
            }
        }
    }
}
