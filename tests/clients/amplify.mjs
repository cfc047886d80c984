// Drives @aws-amplify/auth through the life of an account. Beside what amplify_kit.mjs takes:
//
//   password, password2, address
import { auth, mailed, note, report, shown, signIn, task } from "./amplify_kit.mjs";

await report(async () => {
  const { nextStep } = await auth.signUp({
    username: task.username,
    password: task.password,
    options: { userAttributes: { email: task.username } },
  });
  note("signUp", [nextStep.signUpStep, nextStep.codeDeliveryDetails?.deliveryMedium]);
  await auth.resendSignUpCode({ username: task.username });
  const confirmed = await auth.confirmSignUp({
    username: task.username,
    confirmationCode: await mailed(task.username),
  });
  note("confirmSignUp", confirmed.nextStep.signUpStep);

  await signIn(task.password);
  const attributes = await auth.fetchUserAttributes();
  note("attributes", Object.keys(attributes).sort());
  const first = await auth.fetchAuthSession();
  const second = await auth.fetchAuthSession({ forceRefresh: true });
  note("refreshed", first.tokens.accessToken.toString() !== second.tokens.accessToken.toString());

  const updated = await auth.updateUserAttributes({ userAttributes: { email: task.address } });
  note("updateUserAttributes", updated.email.nextStep.updateAttributeStep);
  await auth.confirmUserAttribute({
    userAttributeKey: "email",
    confirmationCode: await mailed(task.address),
  });
  note("verified", (await auth.fetchUserAttributes()).email_verified);

  await auth.updatePassword({ oldPassword: task.password, newPassword: task.password2 });
  const totp = await auth.setUpTOTP();
  await auth.verifyTOTPSetup({ code: shown(totp.sharedSecret, -1) });
  await auth.updateMFAPreference({ totp: "PREFERRED" });
  note("mfa", await auth.fetchMFAPreference());
  await auth.signOut({ global: true });
  note("signedOut", (await auth.fetchAuthSession()).tokens ?? null);

  task.username = task.address;
  await signIn(task.password2);
  const answered = await auth.confirmSignIn({ challengeResponse: shown(totp.sharedSecret) });
  note("confirmSignIn", answered.nextStep.signInStep);
  await auth.signOut();

  const reset = await auth.resetPassword({ username: task.address });
  note("resetPassword", reset.nextStep.resetPasswordStep);
  await auth.confirmResetPassword({
    username: task.address,
    confirmationCode: await mailed(task.address),
    newPassword: task.password,
  });
  await signIn(task.password);
  await auth.confirmSignIn({ challengeResponse: shown(totp.sharedSecret, 1) });
  await auth.deleteUser();
  note("deleted");
  await signIn(task.password);
});
