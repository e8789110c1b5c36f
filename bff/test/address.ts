/** Where browsers believe the product to be, whatever it listens on. */
export const PUBLIC_URL = 'http://localhost:3000';
