// Lists the imports of whoever a token belongs to, with the types that openapi-typescript generated.
import type { operations, paths } from "./api";

type Imports = operations["listAllImports"]["responses"]["200"]["content"]["application/json"];
const path: keyof paths = "/api/users/{user_id}/imports";

export async function importsOf(url: string, token: string): Promise<Imports> {
  const response = await fetch(url + path.replace("{user_id}", "me"), { headers: { Authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(response.statusText);
  return response.json();
}

export const names = (list: Imports): string[] => list.map((item) => `${item.repository_owner}/${item.repository_name}`);
