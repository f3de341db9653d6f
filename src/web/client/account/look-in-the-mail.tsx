/** The same words whether the address is known here or not. */
export function LookInTheMail({ to, what }: { to: string; what: string }) {
  return (
    <div class="narrow card padded stack" role="status">
      <h1>Look in your mail</h1>
      <p>
        A mail to <strong>{to}</strong> is on its way, with a link to {what}.
      </p>
      <p class="fine">
        Nothing there? Look among the spam, or ask whoever runs this node: they can see mail that did not leave.
      </p>
    </div>
  )
}
