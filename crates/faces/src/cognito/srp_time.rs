//! The time that a client signs with its proof of a password.

use super::convert::{Parameters, required};
use super::error::CognitoError;
use jiff::civil::{Date, Time, Weekday};

const FORM: &str = "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english";

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The text that the signature must be about: what was sent, written anew. A padded day or a weekday
/// that does not fit is read, but what the client signed is then another text, as at Amazon.
///
/// # Errors
///
/// If it is no such time.
pub(super) fn signed_time(given: &Parameters) -> Result<String, CognitoError> {
    let text = required(given, "TIMESTAMP")?.expose();
    rewritten(text).ok_or_else(|| CognitoError::invalid_parameter(FORM))
}

fn rewritten(text: &str) -> Option<String> {
    let parts: Vec<_> = text.splitn(7, ' ').collect();
    let [weekday, month, day, time, zone, year] = parts.as_slice() else { return None };
    let is_weekday = |known: &Weekday| weekday.eq_ignore_ascii_case(abbreviated(*known));
    Weekday::Sunday.cycle_forward().take(7).find(is_weekday)?;
    let month_index = MONTHS.iter().position(|known| known.eq_ignore_ascii_case(month))?;
    let zone_is_one =
        (1..=9).contains(&zone.len()) && zone.starts_with(|c: char| c.is_ascii_alphabetic());
    if !zone_is_one || year.len() != 4 {
        return None;
    }
    let number = i8::try_from(month_index + 1).ok()?;
    let date = Date::new(digits(year)?, number, i8::try_from(digits(day)?).ok()?).ok()?;
    let clock: Vec<_> = time.splitn(4, ':').map(digits).collect::<Option<_>>()?;
    let [hour, minute, second] = clock.as_slice() else { return None };
    let part = |value: &i16| i8::try_from(*value).ok();
    let time = Time::new(part(hour)?, part(minute)?, part(second)?, 0).ok()?;
    let (weekday, month) = (abbreviated(date.weekday()), MONTHS.get(month_index)?);
    let (day, year) = (date.day(), date.year());
    Some(format!(
        "{weekday} {month} {day} {:02}:{:02}:{:02} UTC {year:04}",
        time.hour(),
        time.minute(),
        time.second()
    ))
}

/// A number of one to four digits.
fn digits(text: &str) -> Option<i16> {
    let are_digits =
        (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    are_digits.then(|| text.parse().ok())?
}

const fn abbreviated(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Sunday => "Sun",
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tue",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thu",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
    }
}

#[cfg(test)]
mod tests {
    use super::rewritten;

    #[test]
    fn what_is_no_time_in_this_form_is_none() {
        for text in [
            "",
            "2026-01-02T03:04:05Z",
            "Fri Jan 2 24:04:05 UTC 2026",
            "Fri Jan 2 03:60:05 UTC 2026",
            "Fri Jan 32 03:04:05 UTC 2026",
            "Fri Feb 30 03:04:05 UTC 2026",
            "Vie Ene 2 03:04:05 UTC 2026",
            "Fr Jan 2 03:04:05 UTC 2026",
            "Fri Jan 2 03:04:05 2026",
            "Fri  Jan 2 03:04:05 UTC 2026",
            "Fri Jan 2 03:04:05 UTC 2026 ",
            "Fri Jan 2 03:04:05 UTC 26",
            "Fri Jan -2 03:04:05 UTC 2026",
            "Fri Jan 2 03:04 UTC 2026",
        ] {
            assert_eq!(rewritten(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_is_written_in_one_way() {
        let exact = "Fri Jan 2 03:04:05 UTC 2026";
        for text in [
            exact,
            "Fri Jan 02 03:04:05 UTC 2026",
            "Mon Jan 2 03:04:05 UTC 2026",
            "Fri Jan 2 3:4:5 UTC 2026",
            "fri jan 2 03:04:05 GMT 2026",
        ] {
            assert_eq!(rewritten(text).as_deref(), Some(exact), "{text}");
        }
    }
}
