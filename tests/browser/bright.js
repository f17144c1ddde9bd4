/* Run in a page: returns the large shown areas whose own background is light. */
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return alpha > 128 && (red + green + blue) / 3 > 128;
  };
  const large = (node) => node.offsetWidth > 200 && node.offsetHeight > 60;
  const nodes = [document.documentElement, document.body, ...document.querySelectorAll("body *")];
  const found = nodes.filter((node) => large(node) && light(getComputedStyle(node).backgroundColor));
  if (!light(getComputedStyle(document.body).color)) found.push(document.body);
  return found.map((node) => `${node.tagName} ${node.className} ${getComputedStyle(node).backgroundColor}`);
}
