/** A picture as it is shown now, if there is one, and the button that opens the browser's choice of another. */
export function ChoosePicture(props: { shown: string | null; alt: string; onChoose(file: File): void }) {
  const { shown, alt, onChoose } = props
  return (
    <>
      {shown && <img class="cover" src={shown} alt={alt} />}
      <label class="button small file">
        {shown ? 'Another picture…' : 'Choose a picture…'}
        <input
          type="file"
          class="visually-hidden"
          accept="image/jpeg,image/png,image/webp"
          onChange={({ currentTarget }) => {
            const file = currentTarget.files?.[0]
            if (file) onChoose(file)
            // The same one may be chosen again.
            currentTarget.value = ''
          }}
        />
      </label>
    </>
  )
}
