//! Medians, a rank test, and orders that look random.

/// The middle one.
pub(crate) fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

/// How probable so large a difference between two samples is if they are of one kind (Mann-Whitney U
/// by its normal approximation; times have next to no ties).
pub(crate) fn p_value(one: &[f64], other: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> = one.iter().map(|time| (*time, true)).collect();
    all.extend(other.iter().map(|time| (*time, false)));
    all.sort_unstable_by(|left, right| left.0.total_cmp(&right.0));
    let ranks = (1..=all.len()).map(count);
    let sum: f64 = all.iter().zip(ranks).filter(|((_, own), _)| *own).map(|(_, rank)| rank).sum();
    let (own, others) = (count(one.len()), count(other.len()));
    let wins = sum - own * (own + 1.0) / 2.0;
    let deviation = (own * others * (own + others + 1.0) / 12.0).sqrt();
    erfc(((wins - own * others / 2.0) / deviation).abs() / std::f64::consts::SQRT_2)
}

fn count(items: usize) -> f64 {
    f64::from(u32::try_from(items).unwrap_or(u32::MAX))
}

/// The complement of the error function, to seven digits (Abramowitz and Stegun 7.1.26).
fn erfc(x: f64) -> f64 {
    let t = 1.0 / 0.327_591_1_f64.mul_add(x, 1.0);
    let series = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    let sum = series.iter().fold(0.0_f64, |sum, factor| sum.mul_add(t, *factor));
    sum * t * (-x * x).exp()
}

/// The numbers up to `count` in an order that depends on the turn.
pub(crate) fn shuffle(count: usize, turn: usize) -> Vec<usize> {
    let mut order: Vec<_> = (0..count).collect();
    let mut state = (turn as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for place in (1..count).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let other = usize::try_from(state % (place as u64 + 1)).unwrap_or_default();
        order.swap(place, other);
    }
    order
}
