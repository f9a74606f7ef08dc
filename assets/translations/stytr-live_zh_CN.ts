<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1">
<context>
    <name>ControlPanel</name>
    <message>
        <source>Strength</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Cross-fade</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Smoothing</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Keep the colours of the picture</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Skip what does not change</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{side} pixels</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{rate} a second</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>as it comes</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Working size</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Rate to hold</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Mixture</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Painting</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Speed</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Weight of {name}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Take {name} out</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>MainWindow</name>
    <message>
        <source>Four styles are mixed already; take one out first.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Styles</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Controls</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Source and view</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Source</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Where the picture comes from</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>&amp;Source</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Open a video…</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Open an address…</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Show the screen</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Built-in clip</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Test pattern</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Play or pause</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Open again</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Stop</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Mirror the camera</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Turn the camera</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Quit</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>S&amp;tyle</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Next style</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Previous style</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Paste a picture</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Favourite</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>More strength</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Less strength</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Keep the colours</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>By number</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Style {n}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>&amp;View</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Painting</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Split before and after</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Side by side</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Fill the view</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Figures over the picture</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Full screen</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>As the system</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Dark</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Light</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Theme</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Language</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>&amp;Output</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Snapshot</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Record</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Virtual camera</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Preview in a browser</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Folder for recordings…</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>&amp;Help</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>All commands…</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>About</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>StyTR Live {version}: any picture as a style, after StyTR-2 (Deng et al., CVPR 2022). GPL-3.0-or-later.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Opening…</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The picture is back.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Stopped</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Choose a source above.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{fps:.1f} fps</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>latency {p50:.0f} ms, p95 {p95:.0f} ms</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{dropped} dropped, {skipped} skipped</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{network} at {side} pixels</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Open a video</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Open an address</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>rtsp, udp, http or srt address:</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Folder for recordings</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The language changes at the next start.</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>Outputs</name>
    <message>
        <source>recording, {n} frames left out</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>virtual camera {name}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>preview at {url}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>There is no picture yet.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Recorded: {path}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>There is no picture to record yet.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Snapshot: {path}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>The folder '{folder}' cannot be used: {reason}.</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>Palette</name>
    <message>
        <source>All commands</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>What to do</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Commands</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>Player</name>
    <message>
        <source>Play or pause</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Position</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>Session</name>
    <message>
        <source>Something went wrong inside the program; the log has the details.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Loading the network…</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Opening…</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>StyleGallery</name>
    <message>
        <source>Search styles</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Drop or paste a picture to paint like it. Ctrl+click mixes.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Add a picture…</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>That is no picture; drop or paste a PNG, JPEG, WebP or TIFF file, or an image.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Style {name}</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>{path} cannot be read.</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Use alone</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Mix in or take out</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>No favourite any more</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Favourite</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Forget</source>
        <translation type="unfinished" />
    </message>
    <message>
        <source>Pictures to paint like</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>VideoView</name>
    <message>
        <source>Picture</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>_Grid</name>
    <message>
        <source>Styles</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>_Notice</name>
    <message>
        <source>Dismiss</source>
        <translation type="unfinished" />
    </message>
</context><context>
    <name>_Survive</name>
    <message>
        <source>Something went wrong inside the program; the log has the details.</source>
        <translation type="unfinished" />
    </message>
</context></TS>
