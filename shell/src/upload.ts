/** Sends a file over HTTP. Resolves when the host has it; rejects with words for the person. */
export function upload(url: string, token: string, file: File, progress: (part: number) => void): Promise<void> {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("Vitrine-Upload", token);
    request.upload.onprogress = ({ loaded, total }) => progress(loaded / (total || 1));
    request.onload = () => (request.status < 300 ? done() : failed(new Error(`The file was refused (${request.status}).`)));
    request.onerror = () => failed(new Error("The file could not be sent."));
    request.send(file);
  });
}
