import { z } from 'zod';

/** How the values of an attribute are told apart, as files keep it: see `AttributeGroups`. */
export const attributeGroupsRecord = z
  .object({
    attribute: z.string(),
    names: z.array(z.string()).readonly(),
    cuts: z.array(z.number()).readonly().exactOptional(),
  })
  // JSON leaves out what is undefined
  .transform(({ attribute, names, cuts }) => ({ attribute, names, cuts }));
