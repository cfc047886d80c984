// Drives @aws-amplify/auth for somebody who never has a password.
import { auth, mailed, note, report, task } from "./amplify_kit.mjs";

await report(async () => {
  const { username } = task;
  const signedUp = await auth.signUp({
    username,
    options: {
      userAttributes: { email: username },
      autoSignIn: { authFlowType: "USER_AUTH" },
    },
  });
  note("signUp", signedUp.nextStep.signUpStep);
  const confirmationCode = await mailed(username);
  const confirmed = await auth.confirmSignUp({ username, confirmationCode });
  note("confirmSignUp", confirmed.nextStep.signUpStep);
  const signedIn = await auth.autoSignIn();
  note("autoSignIn", signedIn.nextStep.signInStep);
  note("attributes", Object.keys(await auth.fetchUserAttributes()).sort());
  await auth.signOut();

  const options = { authFlowType: "USER_AUTH", preferredChallenge: "EMAIL_OTP" };
  const asked = await auth.signIn({ username, options });
  note("signIn", asked.nextStep.signInStep);
  const answered = await auth.confirmSignIn({ challengeResponse: await mailed(username) });
  note("confirmSignIn", answered.nextStep.signInStep);
});
