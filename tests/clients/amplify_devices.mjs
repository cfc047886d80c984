// Drives @aws-amplify/auth with a device that is remembered and forgotten. Beside what
// amplify_kit.mjs takes:
//
//   password
import { auth, note, report, shown, signIn, task } from "./amplify_kit.mjs";

const devices = async () => (await auth.fetchDevices()).length;

await report(async () => {
  await signIn(task.password);
  const totp = await auth.setUpTOTP();
  await auth.verifyTOTPSetup({ code: shown(totp.sharedSecret, -1) });
  await auth.updateMFAPreference({ totp: "PREFERRED" });
  // The library has confirmed the device by itself.
  note("devices", await devices());
  await auth.signOut();

  await signIn(task.password);
  await auth.confirmSignIn({ challengeResponse: shown(totp.sharedSecret) });
  await auth.rememberDevice();
  await auth.signOut();

  await signIn(task.password);
  const { accessToken } = (await auth.fetchAuthSession()).tokens;
  note("device", typeof accessToken.payload.device_key);
  const refreshed = await auth.fetchAuthSession({ forceRefresh: true });
  note("refreshed", refreshed.tokens.accessToken.toString() !== accessToken.toString());
  await auth.forgetDevice();
  note("devices", await devices());
  await auth.signOut();

  await signIn(task.password);
});
