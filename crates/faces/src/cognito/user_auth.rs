//! `USER_AUTH`: the user chooses among first factors.

use super::Call;
use super::convert::{Parameters, required, secret, sensitive};
use super::device::device_key;
use super::error::CognitoError;
use super::step::{Initiation, NextStep, Response, named, password_verifier_step, step};
use poolkeeper_cognito_api::types::ChallengeNameType;
use poolkeeper_pool::backend::user_pool::{FirstChoice, Via};
use poolkeeper_pool::local::{FirstAnswer, FirstQuestion, FirstStep, UserAuth};

pub(super) async fn begin(call: &Call, begun: Initiation<'_>) -> Result<NextStep, CognitoError> {
    let given = begun.parameters;
    let wanted = given.get("PREFERRED_CHALLENGE").and_then(|name| choice(name.expose()));
    let command = command(begun.via(), given, wanted)?;
    if let Some(session) = begun.session {
        return Ok(step(
            call.engine.sign_in_signed_up(&call.context, command, &secret(session)).await?,
        ));
    }
    Ok(shown(call.engine.begin_user_auth(&call.context, command).await?))
}

/// The answer to a question of such a sign-in; `None` if the challenge or the session is not one.
pub(super) async fn answer(
    call: &Call,
    given: &Response<'_>,
) -> Result<Option<NextStep>, CognitoError> {
    let responses = given.responses;
    let (wanted, code) = match given.challenge {
        ChallengeNameType::SelectChallenge => {
            let name = required(responses, "ANSWER")?;
            let wanted = choice(name.expose());
            let unknown = || CognitoError::invalid_parameter("ANSWER is no available challenge.");
            (wanted.ok_or_else(unknown)?, None)
        }
        ChallengeNameType::Password => {
            required(responses, "PASSWORD")?;
            (FirstChoice::Password, None)
        }
        ChallengeNameType::PasswordSrp => {
            required(responses, "SRP_A")?;
            (FirstChoice::PasswordSrp, None)
        }
        ChallengeNameType::SmsOtp => {
            (FirstChoice::SmsOtp, Some(required(responses, "SMS_OTP_CODE")?))
        }
        // Also the name of a second factor.
        ChallengeNameType::EmailOtp => match responses.get("EMAIL_OTP_CODE") {
            Some(code) => (FirstChoice::EmailOtp, Some(code)),
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    let session = given.session.ok_or_else(|| CognitoError::missing("Session"))?;
    let answer = FirstAnswer {
        sign_in: command(given.via(), responses, Some(wanted))?,
        session: secret(session),
        code: code.map(secret),
    };
    let answered = call.engine.answer_first(&call.context, answer).await?;
    match (answered, given.challenge) {
        (None, ChallengeNameType::EmailOtp) => Ok(None),
        (None, _) => Err(poolkeeper_pool::Refusal::ChallengeSessionInvalid.into()),
        (Some(step), _) => Ok(Some(shown(step))),
    }
}

fn command(
    via: Via,
    given: &Parameters,
    wanted: Option<FirstChoice>,
) -> Result<UserAuth, CognitoError> {
    Ok(UserAuth {
        via,
        username: required(given, "USERNAME")?.expose().to_owned(),
        wanted,
        password: given.get("PASSWORD").map(secret),
        device_key: device_key(given),
        srp_a: given.get("SRP_A").map(|value| value.expose().to_owned()),
    })
}

fn choice(name: &str) -> Option<FirstChoice> {
    match name {
        "PASSWORD" => Some(FirstChoice::Password),
        "PASSWORD_SRP" => Some(FirstChoice::PasswordSrp),
        "EMAIL_OTP" => Some(FirstChoice::EmailOtp),
        "SMS_OTP" => Some(FirstChoice::SmsOtp),
        _ => None,
    }
}

const fn challenge(choice: FirstChoice) -> ChallengeNameType {
    match choice {
        FirstChoice::Password => ChallengeNameType::Password,
        FirstChoice::PasswordSrp => ChallengeNameType::PasswordSrp,
        FirstChoice::EmailOtp => ChallengeNameType::EmailOtp,
        FirstChoice::SmsOtp => ChallengeNameType::SmsOtp,
    }
}

fn shown(reached: FirstStep) -> NextStep {
    match reached {
        FirstStep::Passed(outcome) => step(outcome),
        FirstStep::Prove(challenge) => password_verifier_step(&challenge),
        FirstStep::Asked(question) => asked(question),
    }
}

fn asked(question: FirstQuestion) -> NextStep {
    let name = question.wanted.map_or(ChallengeNameType::SelectChallenge, challenge);
    let mut parameters = vec![("USERNAME", question.username.to_string())];
    if let Some(destination) = question.destination {
        let medium = if name == ChallengeNameType::SmsOtp { "SMS" } else { "EMAIL" };
        parameters.push(("CODE_DELIVERY_DELIVERY_MEDIUM", medium.to_owned()));
        parameters.push(("CODE_DELIVERY_DESTINATION", destination));
    }
    NextStep {
        challenge_name: Some(name),
        session: Some(sensitive(&question.session)),
        challenge_parameters: named(parameters),
        authentication_result: None,
        available_challenges: Some(question.choices.into_iter().map(challenge).collect()),
    }
}
