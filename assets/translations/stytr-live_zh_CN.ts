<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1">
<context>
    <name>ControlPanel</name>
    <message>
        <source>Strength</source>
        <translation>强度</translation>
    </message>
    <message>
        <source>Cross-fade</source>
        <translation>渐变时长</translation>
    </message>
    <message>
        <source>Smoothing</source>
        <translation>平滑</translation>
    </message>
    <message>
        <source>Keep the colours of the picture</source>
        <translation>保留画面的颜色</translation>
    </message>
    <message>
        <source>Skip what does not change</source>
        <translation>跳过没有变化的画面</translation>
    </message>
    <message>
        <source>{side} pixels</source>
        <translation>{side} 像素</translation>
    </message>
    <message>
        <source>{rate} a second</source>
        <translation>每秒 {rate} 帧</translation>
    </message>
    <message>
        <source>as it comes</source>
        <translation>不限</translation>
    </message>
    <message>
        <source>Working size</source>
        <translation>工作尺寸</translation>
    </message>
    <message>
        <source>Rate to hold</source>
        <translation>保持帧率</translation>
    </message>
    <message>
        <source>Mixture</source>
        <translation>混合</translation>
    </message>
    <message>
        <source>Painting</source>
        <translation>绘画</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>速度</translation>
    </message>
    <message>
        <source>Weight of {name}</source>
        <translation>{name} 的权重</translation>
    </message>
    <message>
        <source>Take {name} out</source>
        <translation>移除 {name}</translation>
    </message>
</context><context>
    <name>MainWindow</name>
    <message>
        <source>Four styles are mixed already; take one out first.</source>
        <translation>已经混合了四种风格，请先移除一种。</translation>
    </message>
    <message>
        <source>Styles</source>
        <translation>风格</translation>
    </message>
    <message>
        <source>Controls</source>
        <translation>控制</translation>
    </message>
    <message>
        <source>Source and view</source>
        <translation>来源与视图</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>Where the picture comes from</source>
        <translation>画面的来源</translation>
    </message>
    <message>
        <source>&amp;Source</source>
        <translation>来源(&amp;S)</translation>
    </message>
    <message>
        <source>Open a video…</source>
        <translation>打开视频…</translation>
    </message>
    <message>
        <source>Open an address…</source>
        <translation>打开地址…</translation>
    </message>
    <message>
        <source>Show the screen</source>
        <translation>显示屏幕</translation>
    </message>
    <message>
        <source>Built-in clip</source>
        <translation>内置短片</translation>
    </message>
    <message>
        <source>Test pattern</source>
        <translation>测试图案</translation>
    </message>
    <message>
        <source>Play or pause</source>
        <translation>播放或暂停</translation>
    </message>
    <message>
        <source>Open again</source>
        <translation>重新打开</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Mirror the camera</source>
        <translation>镜像摄像头</translation>
    </message>
    <message>
        <source>Turn the camera</source>
        <translation>旋转摄像头</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>S&amp;tyle</source>
        <translation>风格(&amp;T)</translation>
    </message>
    <message>
        <source>Next style</source>
        <translation>下一个风格</translation>
    </message>
    <message>
        <source>Previous style</source>
        <translation>上一个风格</translation>
    </message>
    <message>
        <source>Paste a picture</source>
        <translation>粘贴图片</translation>
    </message>
    <message>
        <source>Favourite</source>
        <translation>收藏</translation>
    </message>
    <message>
        <source>More strength</source>
        <translation>增强强度</translation>
    </message>
    <message>
        <source>Less strength</source>
        <translation>减弱强度</translation>
    </message>
    <message>
        <source>Keep the colours</source>
        <translation>保留颜色</translation>
    </message>
    <message>
        <source>By number</source>
        <translation>按编号</translation>
    </message>
    <message>
        <source>Style {n}</source>
        <translation>风格 {n}</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>Painting</source>
        <translation>绘画</translation>
    </message>
    <message>
        <source>Split before and after</source>
        <translation>前后对比</translation>
    </message>
    <message>
        <source>Side by side</source>
        <translation>并排显示</translation>
    </message>
    <message>
        <source>Fill the view</source>
        <translation>填满视图</translation>
    </message>
    <message>
        <source>Figures over the picture</source>
        <translation>在画面上显示数据</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>全屏</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>&amp;Output</source>
        <translation>输出(&amp;O)</translation>
    </message>
    <message>
        <source>Snapshot</source>
        <translation>截图</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>录制</translation>
    </message>
    <message>
        <source>Virtual camera</source>
        <translation>虚拟摄像头</translation>
    </message>
    <message>
        <source>Preview in a browser</source>
        <translation>在浏览器中预览</translation>
    </message>
    <message>
        <source>Folder for recordings…</source>
        <translation>录像文件夹…</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>All commands…</source>
        <translation>全部命令…</translation>
    </message>
    <message>
        <source>About</source>
        <translation>关于</translation>
    </message>
    <message>
        <source>StyTR Live {version}: any picture as a style, after StyTR-2 (Deng et al., CVPR 2022). GPL-3.0-or-later.</source>
        <translation>StyTR Live {version}：任意图片皆可为风格，基于 StyTR-2（Deng 等，CVPR 2022）。GPL-3.0-or-later。</translation>
    </message>
    <message>
        <source>Opening…</source>
        <translation>正在打开…</translation>
    </message>
    <message>
        <source>The picture is back.</source>
        <translation>画面已恢复。</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>Choose a source above.</source>
        <translation>请在上方选择来源。</translation>
    </message>
    <message>
        <source>{fps:.1f} fps</source>
        <translation>{fps:.1f} 帧/秒</translation>
    </message>
    <message>
        <source>latency {p50:.0f} ms, p95 {p95:.0f} ms</source>
        <translation>延迟 {p50:.0f} 毫秒，p95 {p95:.0f} 毫秒</translation>
    </message>
    <message>
        <source>{dropped} dropped, {skipped} skipped</source>
        <translation>丢弃 {dropped}，跳过 {skipped}</translation>
    </message>
    <message>
        <source>{network} at {side} pixels</source>
        <translation>{network}，{side} 像素</translation>
    </message>
    <message>
        <source>Open a video</source>
        <translation>打开视频</translation>
    </message>
    <message>
        <source>Open an address</source>
        <translation>打开地址</translation>
    </message>
    <message>
        <source>rtsp, udp, http or srt address:</source>
        <translation>rtsp、udp、http 或 srt 地址：</translation>
    </message>
    <message>
        <source>Folder for recordings</source>
        <translation>录像文件夹</translation>
    </message>
    <message>
        <source>The language changes at the next start.</source>
        <translation>语言将在下次启动时更改。</translation>
    </message>
</context><context>
    <name>Outputs</name>
    <message>
        <source>recording, {n} frames left out</source>
        <translation>录制中，遗漏 {n} 帧</translation>
    </message>
    <message>
        <source>virtual camera {name}</source>
        <translation>虚拟摄像头 {name}</translation>
    </message>
    <message>
        <source>preview at {url}</source>
        <translation>预览地址 {url}</translation>
    </message>
    <message>
        <source>There is no picture yet.</source>
        <translation>还没有画面。</translation>
    </message>
    <message>
        <source>Recorded: {path}</source>
        <translation>已录制：{path}</translation>
    </message>
    <message>
        <source>There is no picture to record yet.</source>
        <translation>还没有可以录制的画面。</translation>
    </message>
    <message>
        <source>Snapshot: {path}</source>
        <translation>截图：{path}</translation>
    </message>
    <message>
        <source>The folder '{folder}' cannot be used: {reason}.</source>
        <translation>无法使用文件夹“{folder}”：{reason}。</translation>
    </message>
</context><context>
    <name>Palette</name>
    <message>
        <source>All commands</source>
        <translation>全部命令</translation>
    </message>
    <message>
        <source>What to do</source>
        <translation>要做什么</translation>
    </message>
    <message>
        <source>Commands</source>
        <translation>命令</translation>
    </message>
</context><context>
    <name>Player</name>
    <message>
        <source>Play or pause</source>
        <translation>播放或暂停</translation>
    </message>
    <message>
        <source>Position</source>
        <translation>位置</translation>
    </message>
</context><context>
    <name>Session</name>
    <message>
        <source>Something went wrong inside the program; the log has the details.</source>
        <translation>程序内部出错，详情见日志。</translation>
    </message>
    <message>
        <source>Loading the network…</source>
        <translation>正在加载网络…</translation>
    </message>
    <message>
        <source>Opening…</source>
        <translation>正在打开…</translation>
    </message>
</context><context>
    <name>StyleGallery</name>
    <message>
        <source>Search styles</source>
        <translation>搜索风格</translation>
    </message>
    <message>
        <source>Drop or paste a picture to paint like it. Ctrl+click mixes.</source>
        <translation>拖入或粘贴一张图片，即可用它的风格作画。按住 Ctrl 单击可混合。</translation>
    </message>
    <message>
        <source>Add a picture…</source>
        <translation>添加图片…</translation>
    </message>
    <message>
        <source>That is no picture; drop or paste a PNG, JPEG, WebP or TIFF file, or an image.</source>
        <translation>这不是图片；请拖入或粘贴 PNG、JPEG、WebP 或 TIFF 文件，或一幅图像。</translation>
    </message>
    <message>
        <source>Style {name}</source>
        <translation>风格 {name}</translation>
    </message>
    <message>
        <source>{path} cannot be read.</source>
        <translation>无法读取 {path}。</translation>
    </message>
    <message>
        <source>Use alone</source>
        <translation>单独使用</translation>
    </message>
    <message>
        <source>Mix in or take out</source>
        <translation>加入或移出混合</translation>
    </message>
    <message>
        <source>No favourite any more</source>
        <translation>取消收藏</translation>
    </message>
    <message>
        <source>Favourite</source>
        <translation>收藏</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Pictures to paint like</source>
        <translation>风格图片</translation>
    </message>
</context><context>
    <name>VideoView</name>
    <message>
        <source>Picture</source>
        <translation>画面</translation>
    </message>
</context><context>
    <name>_Grid</name>
    <message>
        <source>Styles</source>
        <translation>风格</translation>
    </message>
</context><context>
    <name>_Notice</name>
    <message>
        <source>Dismiss</source>
        <translation>关闭</translation>
    </message>
</context><context>
    <name>_Survive</name>
    <message>
        <source>Something went wrong inside the program; the log has the details.</source>
        <translation>程序内部出错，详情见日志。</translation>
    </message>
</context><context>
    <name>sources</name>
    <message>
        <source>Built-in clip</source>
        <translation>内置短片</translation>
    </message>
    <message>
        <source>Screen</source>
        <translation>屏幕</translation>
    </message>
    <message>
        <source>Test pattern</source>
        <translation>测试图案</translation>
    </message>
</context></TS>
