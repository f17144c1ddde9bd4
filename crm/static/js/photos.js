/* Photos of a visit: made small before they are kept or sent, upright, without what they know about place and camera.
   Needs outbox.js; stands before touch-form.js. Without it the files go as they are. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const MOST = 9;
  const SIDE = 2048;
  const QUALITY = 0.82;
  const HEAVY = 10 * 1024 * 1024;
  const { words } = yf.outbox;

  /** Draw a photo smaller, upright and without what it knows about place and camera. */
  async function shrink(file) {
    const image = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, SIDE / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(image.width * scale));
    canvas.height = Math.max(1, Math.round(image.height * scale));
    const brush = canvas.getContext("2d");
    brush.fillStyle = "#fff";
    brush.fillRect(0, 0, canvas.width, canvas.height);
    brush.drawImage(image, 0, 0, canvas.width, canvas.height);
    image.close();
    return new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", QUALITY);
    });
  }

  async function take(file, keepPlace) {
    const blob = keepPlace ? file : await shrink(file);
    if (blob.size > HEAVY) throw new Error("heavy");
    const name = `${file.name.replace(/\.[^.]*$/, "") || "photo"}.${blob.type === "image/jpeg" ? "jpg" : file.name.split(".").pop()}`;
    return { id: newId(), name, type: blob.type, data: await blob.arrayBuffer(), done: false, problem: "" };
  }

  function newId() {
    return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** Photos chosen in a form: shown small, each with a button that takes it away. */
  class Chosen {
    constructor(form) {
      this.form = form;
      this.input = form.querySelector("[data-photos]");
      this.list = form.querySelector("[data-photo-list]");
      this.chosen = [];
      if (!this.input) return;
      this.input.addEventListener("change", () => this.add([...this.input.files]));
    }

    async add(files) {
      const whole = this.input.hasAttribute("data-keep-place") || Boolean((await yf.outbox.person())?.keepPlace);
      for (const file of files) {
        if (this.chosen.length >= MOST) {
          yf.toast(words.tooMany, "warn");
          break;
        }
        try {
          this.chosen.push(await take(file, whole));
        } catch {
          yf.toast(`${file.name}：${words.noPhoto}`, "bad");
        }
      }
      this.input.value = "";
      this.draw();
    }

    /** Put the photos into the field of the form itself. */
    giveBack() {
      if (!this.input) return;
      const files = new DataTransfer();
      for (const photo of this.chosen) files.items.add(new File([photo.data], photo.name, { type: photo.type }));
      this.input.files = files.files;
    }

    put(photos) {
      this.chosen = photos.filter((photo) => photo.data);
      this.draw();
    }

    draw() {
      if (!this.list) return;
      for (const image of this.list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
      this.list.replaceChildren(...this.chosen.map((photo, index) => this.tile(photo, index)));
      this.list.hidden = !this.chosen.length;
    }

    tile(photo, index) {
      const tile = document.getElementById("y-photo-tile").content.firstElementChild.cloneNode(true);
      const image = tile.querySelector("img");
      image.src = URL.createObjectURL(new Blob([photo.data], { type: photo.type }));
      image.alt = words.photo.replace("{n}", index + 1);
      tile.querySelector("button").setAttribute("aria-label", `${words.drop} ${image.alt}`);
      tile.querySelector("button").addEventListener("click", () => {
        this.chosen = this.chosen.filter((one) => one !== photo);
        this.draw();
        this.input.focus();
      });
      return tile;
    }
  }

  /** Photos added to a visit that is there: made small before they are sent. */
  async function sendSmall(event) {
    if (event.submitter && event.submitter.formNoValidate) return;
    const form = event.target;
    const input = form.querySelector("input[type=file]");
    if (!input.files.length || form.hasAttribute("data-keep-place")) return;
    event.preventDefault();
    const small = new DataTransfer();
    for (const file of [...input.files].slice(0, MOST)) {
      try {
        small.items.add(new File([await shrink(file)], `${file.name.replace(/\.[^.]*$/, "")}.jpg`, { type: "image/jpeg" }));
      } catch {
        small.items.add(file); // the server says what is wrong with it
      }
    }
    input.files = small.files;
    form.submit();
  }

  document.querySelectorAll("form[data-photo-form]").forEach((form) => form.addEventListener("submit", sendSmall));
  yf.photos = { Chosen, newId };
});
