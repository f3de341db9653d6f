/** The pages of one's account and the ways into it, loaded together. */
export { NoticesPage } from '../notices/notices-page.tsx'
export { Unsubscribe } from '../notices/unsubscribe.tsx'
export { Account } from '../pages/account.tsx'
export { Setup } from '../pages/setup.tsx'
export { Register, SignIn } from '../pages/sign-in.tsx'
export { NewAddress, Reset, SignInLink, Verify } from './by-mail.tsx'
