/** What somebody sees who comes to the app's address without a shop. */
export function OpenFromAdmin() {
  return (
    <main
      style={{
        fontFamily: "Inter, system-ui, sans-serif",
        margin: "20vh auto",
        maxWidth: "32rem",
        padding: "0 1rem",
      }}
    >
      <h1>Location Groups</h1>
      <p>Several stores sell the same stock.</p>
      <p>Open the app from your Shopify admin: Apps › Location Groups.</p>
    </main>
  );
}
