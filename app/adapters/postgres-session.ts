/**
 * Settings of a session that says by its life that its process lives. A process that dies closes its
 * connection at once; a machine that dies, or a network that breaks, says nothing, and the server finds
 * out by asking: after 10 + 3 × 5 s of silence, instead of the two hours of most systems.
 */
export const sessionOptions = {
  keepAlive: true,
  options:
    "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=25000",
} as const;
