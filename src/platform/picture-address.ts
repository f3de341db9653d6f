/** Where a picture that somebody uploaded is fetched, in its middle size: for whoever was told its id. */
export const pictureAddress = (picture: string) => `/media/pictures/${picture}/640.jpg`
