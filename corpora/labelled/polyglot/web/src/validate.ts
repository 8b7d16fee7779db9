export type Problem = { field: string; text: string };

const PLATE = /^[A-Z0-9]{1,3}[ -]?[A-Z0-9]{2,6}$/;

export function checkVehicle(form: { plate: string; lengthCm: number; heightCm: number }): Problem[] {
  const problems: Problem[] = [];
  if (!PLATE.test(form.plate.trim().toUpperCase())) problems.push({ field: "plate", text: "That does not look like a number plate." });
  if (form.lengthCm > 1800) problems.push({ field: "lengthCm", text: "Lorries above 18 m travel as freight." });
  if (form.heightCm > 420) problems.push({ field: "heightCm", text: "The car deck is 4.2 m high." });
  return problems;
}

export function checkEmail(address: string): Problem[] {
  const [name, domain, ...rest] = address.split("@");
  const fine = rest.length === 0 && name && domain?.includes(".") && !/\s/.test(address);
  return fine ? [] : [{ field: "email", text: "We cannot write to that address." }];
}
