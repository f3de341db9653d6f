/** Where a picture that somebody uploaded is fetched, in its middle size: for whoever was told its id. */
export const pictureAddress = (picture: string) => `/media/pictures/${picture}/640.jpg`

/** The same of what is shown by its picture; null for what is shown by anything else. */
export const chosenPicture = ({ cover, picture }: { cover: string | null; picture: string | null }) =>
  cover === 'picture' && picture ? pictureAddress(picture) : null
