"use strict";

// Inspector: looks up the owner of a host. The inventory is the table below; a real inspector would call a service.
// A Map and not an object: attackers choose the values, and every object has a property "constructor".
const INVENTORY = new Map(Object.entries({
  "i-0a1b2c3d4e5f60718": { hostname: "build-agent-7", owner: "platform team", os: "Amazon Linux 2023" },
  "10.0.3.17": { hostname: "build-agent-7", owner: "platform team", os: "Amazon Linux 2023" },
  "10.0.9.80": { hostname: "vulnerability-scanner", owner: "security team", os: "Debian 13" },
}));

exports.handler = async ({ attribute: { value } }) => {
  if (typeof value !== "string") {
    throw new TypeError("This is not a task.");
  }
  const host = INVENTORY.get(value);
  if (!host) {
    return null;
  }
  return {
    contents: [
      { type: "host", source: "example inventory", hostname: [host.hostname], owner: [host.owner], os: [host.os] },
    ],
  };
};
