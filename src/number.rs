//! Exact decimal numbers: `3.2万` is 32000, never 32000.000000000004.

use std::fmt;

/// A decimal number: `mantissa / 10^scale`, without trailing zeros behind the point.
///
/// Every operation is exact or gives `None`; nothing rounds.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    mantissa: i128,
    scale: u8,
}

/// Digits that a mantissa may have: 10^36 leaves room for one sum within `i128`.
const MOST_DIGITS: u32 = 36;

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self { mantissa: 0, scale: 0 };

    /// `mantissa / 10^scale`, or `None` when it needs more than 36 digits.
    pub fn new(mantissa: i128, scale: u32) -> Option<Self> {
        let (mut mantissa, mut scale) = (mantissa, if mantissa == 0 { 0 } else { scale });
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        let fits = scale <= MOST_DIGITS && mantissa.unsigned_abs() < 10u128.pow(MOST_DIGITS);
        fits.then_some(Self { mantissa, scale: scale as u8 })
    }

    /// The number times 10 to the power of `exponent`.
    pub fn shift(self, exponent: i32) -> Option<Self> {
        let scale = i64::from(self.scale) - i64::from(exponent);
        match u32::try_from(scale) {
            Ok(scale) => Self::new(self.mantissa, scale),
            Err(_) => {
                let raise = u32::try_from(-scale).ok().filter(|_| self.mantissa != 0).unwrap_or(0);
                Self::new(self.mantissa.checked_mul(10i128.checked_pow(raise)?)?, 0)
            }
        }
    }

    /// The sum.
    #[expect(clippy::should_implement_trait, reason = "an operator cannot say that the result does not fit")]
    pub fn add(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let raise = |n: Self| n.mantissa.checked_mul(10i128.checked_pow(u32::from(scale - n.scale))?);
        Self::new(raise(self)?.checked_add(raise(other)?)?, u32::from(scale))
    }

    /// The product.
    #[expect(clippy::should_implement_trait, reason = "an operator cannot say that the result does not fit")]
    pub fn mul(self, other: Self) -> Option<Self> {
        Self::new(self.mantissa.checked_mul(other.mantissa)?, u32::from(self.scale) + u32::from(other.scale))
    }

    /// The number with the other sign.
    #[must_use]
    pub fn negated(self) -> Self {
        Self { mantissa: -self.mantissa, ..self }
    }

    /// Mantissa and scale, for formats that store decimals as such.
    pub fn parts(self) -> (i128, u32) {
        (self.mantissa, u32::from(self.scale))
    }
}

impl From<u64> for Decimal {
    fn from(n: u64) -> Self {
        Self { mantissa: i128::from(n), scale: 0 }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        // Whole parts first: they cannot overflow; then the fractions, raised to the larger scale.
        let split = |n: &Self| {
            let unit = 10i128.pow(u32::from(n.scale));
            (n.mantissa.div_euclid(unit), n.mantissa.rem_euclid(unit), u32::from(n.scale))
        };
        let ((a, fa, sa), (b, fb, sb)) = (split(self), split(other));
        let scale = sa.max(sb);
        a.cmp(&b).then_with(|| (fa * 10i128.pow(scale - sa)).cmp(&(fb * 10i128.pow(scale - sb))))
    }
}

impl fmt::Display for Decimal {
    /// Plain digits, no exponent: `-0.35`, `15000000000`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:0>width$}", self.mantissa.unsigned_abs(), width = usize::from(self.scale) + 1);
        let (whole, fraction) = digits.split_at(digits.len() - usize::from(self.scale));
        let sign = if self.mantissa < 0 { "-" } else { "" };
        if fraction.is_empty() { write!(f, "{sign}{whole}") } else { write!(f, "{sign}{whole}.{fraction}") }
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Decimal {
    type Err = String;

    /// Reads what [`Display`](fmt::Display) writes, and an exponent (`150e8`) as annotation uses it.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("not a number of at most {MOST_DIGITS} digits: '{text}'");
        let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent: i32 = exponent.parse().map_err(|_| wrong())?;
        let (sign, digits) = match number.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, number),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let mantissa: i128 = format!("{whole}{fraction}").parse().map_err(|_| wrong())?;
        if mantissa < 0 || digits.starts_with('+') {
            return Err(wrong());
        }
        Self::new(sign * mantissa, fraction.len() as u32).and_then(|n| n.shift(exponent)).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn shifts_and_sums_exactly() {
        assert_eq!(n("3.2").shift(4).unwrap().to_string(), "32000");
        assert_eq!(n("0.35").shift(-2).unwrap().to_string(), "0.0035");
        assert_eq!(n("0.1").add(n("0.2")).unwrap(), n("0.3"));
        assert_eq!(n("150e8").to_string(), "15000000000");
        assert_eq!(n("-0.50").to_string(), "-0.5");
    }

    #[test]
    fn what_does_not_fit_is_none() {
        assert_eq!(n("9").shift(36), None);
        assert!("1e400".parse::<Decimal>().is_err());
    }

    #[test]
    fn orders_by_value() {
        assert!(n("-1.5") < n("-1.4"));
        assert!(n("0.30") == n("0.3"));
        assert!(n("1e35") > n("0.000000000000000000000000000000000001"));
    }
}
