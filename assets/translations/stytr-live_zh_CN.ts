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
</context>
<context>
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
        <source>Render queue</source>
        <translation>渲染队列</translation>
    </message>
    <message>
        <source>Source and view</source>
        <translation>来源与视图</translation>
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
        <source>Render…</source>
        <translation>渲染…</translation>
    </message>
    <message>
        <source>Microphone…</source>
        <translation>麦克风…</translation>
    </message>
    <message>
        <source>Folder for recordings…</source>
        <translation>录像文件夹…</translation>
    </message>
    <message>
        <source>&amp;Control</source>
        <translation>控制(&amp;C)</translation>
    </message>
    <message>
        <source>OSC</source>
        <translation>OSC</translation>
    </message>
    <message>
        <source>Port of OSC…</source>
        <translation>OSC 端口…</translation>
    </message>
    <message>
        <source>MIDI</source>
        <translation>MIDI</translation>
    </message>
    <message>
        <source>What OSC understands</source>
        <translation>OSC 支持的消息</translation>
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
        <source>source {rate:.0f} a second</source>
        <translation>来源每秒 {rate:.0f} 帧</translation>
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
        <source>There is not enough memory for larger pictures: working at {side} pixels at most.</source>
        <translation>内存不足以处理更大的画面：最多以 {side} 像素工作。</translation>
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
        <source>Port of OSC</source>
        <translation>OSC 端口</translation>
    </message>
    <message>
        <source>UDP port of this machine:</source>
        <translation>本机的 UDP 端口：</translation>
    </message>
    <message>
        <source>The language changes at the next start.</source>
        <translation>语言将在下次启动时更改。</translation>
    </message>
    <message>
        <source>Loading the network…</source>
        <translation>正在加载网络…</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>Small and fast</source>
        <translation>小而快</translation>
    </message>
    <message>
        <source>The paper's: bolder strokes, for a GPU</source>
        <translation>论文网络：笔触更大胆，适合 GPU</translation>
    </message>
</context>
<context>
    <name>MicrophoneDialog</name>
    <message>
        <source>Microphone</source>
        <translation>麦克风</translation>
    </message>
    <message>
        <source>None: record without sound</source>
        <translation>无：录制无声视频</translation>
    </message>
    <message>
        <source>The system's microphone</source>
        <translation>系统默认麦克风</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>音量</translation>
    </message>
    <message>
        <source>Opening…</source>
        <translation>正在打开…</translation>
    </message>
    <message>
        <source>Recordings have no sound.</source>
        <translation>录像没有声音。</translation>
    </message>
    <message>
        <source>Say something: the bar should move.</source>
        <translation>说句话：音量条应当移动。</translation>
    </message>
</context>
<context>
    <name>Notice</name>
    <message>
        <source>Dismiss</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>Outputs</name>
    <message>
        <source>recording {time}</source>
        <translation>录制中 {time}</translation>
    </message>
    <message>
        <source>{n} frames left out</source>
        <translation>遗漏 {n} 帧</translation>
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
        <source>There is no picture to record yet.</source>
        <translation>还没有可以录制的画面。</translation>
    </message>
    <message>
        <source>Recorded: {path}</source>
        <translation>已录制：{path}</translation>
    </message>
    <message>
        <source>Snapshot: {path}</source>
        <translation>截图：{path}</translation>
    </message>
    <message>
        <source>The folder '{folder}' cannot be used: {reason}.</source>
        <translation>无法使用文件夹“{folder}”：{reason}。</translation>
    </message>
</context>
<context>
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
</context>
<context>
    <name>Player</name>
    <message>
        <source>Play or pause</source>
        <translation>播放或暂停</translation>
    </message>
    <message>
        <source>Position</source>
        <translation>位置</translation>
    </message>
</context>
<context>
    <name>QueueKeeper</name>
    <message>
        <source>Something went wrong inside the program; the log has the details.</source>
        <translation>程序内部出错，详情见日志。</translation>
    </message>
    <message>
        <source>The process that renders could not be started; install the program again.</source>
        <translation>无法启动渲染进程；请重新安装本程序。</translation>
    </message>
    <message>
        <source>The process that renders was ended; start the queue again to go on.</source>
        <translation>渲染进程已被终止；重新启动队列即可继续。</translation>
    </message>
</context>
<context>
    <name>Remotes</name>
    <message>
        <source>OSC is heard at port {port} of this machine.</source>
        <translation>正在本机端口 {port} 接收 OSC。</translation>
    </message>
    <message>
        <source>None</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Teach a control to do</source>
        <translation>设定控件的作用</translation>
    </message>
    <message>
        <source>Move a control or press a key of the MIDI device, to do: {target}.</source>
        <translation>移动 MIDI 设备上的控件或按下按键，以设定：{target}。</translation>
    </message>
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
        <source>Weight of style {n}</source>
        <translation>风格 {n} 的权重</translation>
    </message>
    <message>
        <source>Style {n}</source>
        <translation>风格 {n}</translation>
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
        <source>Snapshot</source>
        <translation>截图</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>录制</translation>
    </message>
    <message>
        <source>Keep the colours</source>
        <translation>保留颜色</translation>
    </message>
    <message>
        <source>Play or pause</source>
        <translation>播放或暂停</translation>
    </message>
    <message>
        <source>The control '{control}' does from now on: {target}.</source>
        <translation>控件“{control}”现在的作用：{target}。</translation>
    </message>
</context>
<context>
    <name>RenderDialog</name>
    <message>
        <source>Render</source>
        <translation>渲染</translation>
    </message>
    <message>
        <source>Render now</source>
        <translation>立即渲染</translation>
    </message>
    <message>
        <source>Add to the queue</source>
        <translation>加入队列</translation>
    </message>
    <message>
        <source>Videos, pictures and folders to render</source>
        <translation>要渲染的视频、图片和文件夹</translation>
    </message>
    <message>
        <source>Add files…</source>
        <translation>添加文件…</translation>
    </message>
    <message>
        <source>Add a folder…</source>
        <translation>添加文件夹…</translation>
    </message>
    <message>
        <source>Take out</source>
        <translation>移出</translation>
    </message>
    <message>
        <source>Folders within folders</source>
        <translation>包含子文件夹</translation>
    </message>
    <message>
        <source>Videos, pictures and folders; drop them here</source>
        <translation>视频、图片和文件夹；可拖放到此处</translation>
    </message>
    <message>
        <source>Style</source>
        <translation>风格</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>网络</translation>
    </message>
    <message>
        <source>small and fast</source>
        <translation>小而快</translation>
    </message>
    <message>
        <source>the paper's: bolder strokes, ten times slower</source>
        <translation>论文网络：笔触更大胆，慢十倍</translation>
    </message>
    <message>
        <source>as in the window: {names}</source>
        <translation>与窗口相同：{names}</translation>
    </message>
    <message>
        <source>Choose a picture…</source>
        <translation>选择图片…</translation>
    </message>
    <message>
        <source>Strength</source>
        <translation>强度</translation>
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
        <source>Working size</source>
        <translation>工作尺寸</translation>
    </message>
    <message>
        <source>{side} pixels</source>
        <translation>{side} 像素</translation>
    </message>
    <message>
        <source>From</source>
        <translation>从</translation>
    </message>
    <message>
        <source>the beginning, or 1:02.5</source>
        <translation>开头，或 1:02.5</translation>
    </message>
    <message>
        <source>To</source>
        <translation>到</translation>
    </message>
    <message>
        <source>the end, or 2:30</source>
        <translation>结尾，或 2:30</translation>
    </message>
    <message>
        <source>Folder for the results</source>
        <translation>结果文件夹</translation>
    </message>
    <message>
        <source>beside each input</source>
        <translation>与输入文件同处</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Format of videos</source>
        <translation>视频格式</translation>
    </message>
    <message>
        <source>as the input</source>
        <translation>与输入相同</translation>
    </message>
    <message>
        <source>Encoder</source>
        <translation>编码器</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>质量</translation>
    </message>
    <message>
        <source>usual for the format</source>
        <translation>该格式的默认编码</translation>
    </message>
    <message>
        <source>draft</source>
        <translation>草稿</translation>
    </message>
    <message>
        <source>good</source>
        <translation>良好</translation>
    </message>
    <message>
        <source>high</source>
        <translation>高</translation>
    </message>
    <message>
        <source>best</source>
        <translation>最佳</translation>
    </message>
    <message>
        <source>lossless</source>
        <translation>无损</translation>
    </message>
    <message>
        <source>In hardware where it can</source>
        <translation>尽可能使用硬件</translation>
    </message>
    <message>
        <source>Replace files that exist</source>
        <translation>覆盖已有文件</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Videos and pictures</source>
        <translation>视频和图片</translation>
    </message>
    <message>
        <source>Add files</source>
        <translation>添加文件</translation>
    </message>
    <message>
        <source>All files</source>
        <translation>所有文件</translation>
    </message>
    <message>
        <source>Add a folder</source>
        <translation>添加文件夹</translation>
    </message>
    <message>
        <source>Choose a picture</source>
        <translation>选择图片</translation>
    </message>
    <message>
        <source>Add videos, pictures or folders to begin.</source>
        <translation>请先添加视频、图片或文件夹。</translation>
    </message>
    <message>
        <source>Looking at what is chosen…</source>
        <translation>正在查看所选内容…</translation>
    </message>
    <message>
        <source>Makes {name}</source>
        <translation>将生成 {name}</translation>
    </message>
    <message>
        <source> and {count} more</source>
        <translation> 以及另外 {count} 个文件</translation>
    </message>
    <message>
        <source>; {time} of video</source>
        <translation>；视频时长 {time}</translation>
    </message>
    <message>
        <source>, some {low} to {high}</source>
        <translation>，约 {low} 至 {high}</translation>
    </message>
</context>
<context>
    <name>RenderQueue</name>
    <message>
        <source>Render queue</source>
        <translation>渲染队列</translation>
    </message>
    <message>
        <source>The frame painted last</source>
        <translation>最近绘制的一帧</translation>
    </message>
    <message>
        <source>Rendering</source>
        <translation>渲染</translation>
    </message>
    <message>
        <source>A video is being rendered. Quit nevertheless?</source>
        <translation>正在渲染视频。仍要退出吗？</translation>
    </message>
    <message>
        <source>What is painted is kept: the queue goes on from there the next time it is started.</source>
        <translation>已绘制的部分会保留：下次启动队列时从那里继续。</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Go on rendering</source>
        <translation>继续渲染</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Retry</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Clear what is done</source>
        <translation>清除已完成</translation>
    </message>
    <message>
        <source>Failures…</source>
        <translation>失败详情…</translation>
    </message>
    <message>
        <source>Earlier</source>
        <translation>提前</translation>
    </message>
    <message>
        <source>Later</source>
        <translation>推后</translation>
    </message>
    <message>
        <source>Queue: {command}</source>
        <translation>队列：{command}</translation>
    </message>
    <message>
        <source>What could not be rendered</source>
        <translation>未能渲染的内容</translation>
    </message>
    <message>
        <source>, about {time} left</source>
        <translation>，约剩 {time}</translation>
    </message>
    <message>
        <source>{count} to do{left}</source>
        <translation>待处理 {count} 项{left}</translation>
    </message>
    <message>
        <source>Nothing is here yet. Render… in the menu puts videos and pictures into the queue.</source>
        <translation>队列为空。菜单中的“渲染…”可将视频和图片加入队列。</translation>
    </message>
    <message>
        <source>process {number} renders</source>
        <translation>进程 {number} 正在渲染</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>{done} of {all}</source>
        <translation>{done} / {all}</translation>
    </message>
    <message>
        <source>{all} frames</source>
        <translation>{all} 帧</translation>
    </message>
    <message>
        <source>{rate} a second</source>
        <translation>每秒 {rate} 帧</translation>
    </message>
    <message>
        <source>{time} left</source>
        <translation>剩余 {time}</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>等待中</translation>
    </message>
    <message>
        <source>rendering</source>
        <translation>渲染中</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>done</source>
        <translation>已完成</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>已取消</translation>
    </message>
</context>
<context>
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
</context>
<context>
    <name>SourcePicker</name>
    <message>
        <source>Source</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>Where the picture comes from</source>
        <translation>画面的来源</translation>
    </message>
    <message>
        <source>Size and rate of the camera</source>
        <translation>摄像头的尺寸和帧率</translation>
    </message>
    <message>
        <source>The camera's own size</source>
        <translation>摄像头默认尺寸</translation>
    </message>
</context>
<context>
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
</context>
<context>
    <name>StyleLoader</name>
    <message>
        <source>The style '{path}' is gone from the disk; it is kept until another one is chosen.</source>
        <translation>风格文件“{path}”已从磁盘上消失；在选择其他风格之前会继续使用。</translation>
    </message>
</context>
<context>
    <name>VideoView</name>
    <message>
        <source>Picture</source>
        <translation>画面</translation>
    </message>
</context>
<context>
    <name>_Grid</name>
    <message>
        <source>Styles</source>
        <translation>风格</translation>
    </message>
</context>
<context>
    <name>_Survive</name>
    <message>
        <source>Something went wrong inside the program; the log has the details.</source>
        <translation>程序内部出错，详情见日志。</translation>
    </message>
</context>
<context>
    <name>sentences</name>
    <message>
        <source>Working at {side} pixels, to hold {rate} frames a second.</source>
        <translation>以 {side} 像素工作，以保持每秒 {rate} 帧。</translation>
    </message>
    <message>
        <source>Working at {side} pixels, painting every second frame, to hold {rate} frames a second.</source>
        <translation>以 {side} 像素工作，每两帧绘制一帧，以保持每秒 {rate} 帧。</translation>
    </message>
    <message>
        <source>Working at {side} pixels, painting every third frame, to hold {rate} frames a second.</source>
        <translation>以 {side} 像素工作，每三帧绘制一帧，以保持每秒 {rate} 帧。</translation>
    </message>
    <message>
        <source>Working at {side} pixels, painting every fourth frame, to hold {rate} frames a second.</source>
        <translation>以 {side} 像素工作，每四帧绘制一帧，以保持每秒 {rate} 帧。</translation>
    </message>
    <message>
        <source>The camera '{name}' is not there; connect it or choose another one.</source>
        <translation>找不到摄像头“{name}”；请连接它或选择其他摄像头。</translation>
    </message>
    <message>
        <source>The camera '{name}' may not be used by this program; join the group 'video' and try again.</source>
        <translation>本程序无权使用摄像头“{name}”；请加入“video”用户组后重试。</translation>
    </message>
    <message>
        <source>The camera '{name}' may not be used by this program; allow it in the system's settings and try again.</source>
        <translation>本程序无权使用摄像头“{name}”；请在系统设置中允许后重试。</translation>
    </message>
    <message>
        <source>The camera '{name}' is in use by another program; close that program and try again.</source>
        <translation>摄像头“{name}”正被其他程序使用；请关闭该程序后重试。</translation>
    </message>
    <message>
        <source>'{name}' is no camera that gives pictures; choose another one.</source>
        <translation>“{name}”不是能提供画面的摄像头；请选择其他摄像头。</translation>
    </message>
    <message>
        <source>The camera '{name}' gives no pictures; unplug it, connect it again and see that it is not covered or off.</source>
        <translation>摄像头“{name}”没有画面；请拔下后重新连接，并确认它没有被遮挡或关闭。</translation>
    </message>
    <message>
        <source>The camera '{name}' cannot be read ({reason}); see that this program may use it and no other program does.</source>
        <translation>无法读取摄像头“{name}”（{reason}）；请确认本程序可以使用它，且没有其他程序在使用。</translation>
    </message>
    <message>
        <source>'{name}' has broken off; see that it is on and connected.</source>
        <translation>“{name}”已中断；请确认它已开启并连接。</translation>
    </message>
    <message>
        <source>'{name}' is back.</source>
        <translation>“{name}”已恢复。</translation>
    </message>
    <message>
        <source>'{name}' has no pictures in a format this program reads; choose another.</source>
        <translation>“{name}”没有本程序能读取的画面格式；请选择其他来源。</translation>
    </message>
    <message>
        <source>The part that was chosen is not on the screen; choose another one.</source>
        <translation>所选区域不在屏幕上；请选择其他区域。</translation>
    </message>
    <message>
        <source>The part {size} at {x}, {y} is not on the screen; choose a smaller one.</source>
        <translation>位于 {x}, {y} 的区域 {size} 不在屏幕上；请选择较小的区域。</translation>
    </message>
    <message>
        <source>Wayland does not let programs read the screen this way; log in to an X11 session.</source>
        <translation>Wayland 不允许程序以这种方式读取屏幕；请登录 X11 会话。</translation>
    </message>
    <message>
        <source>There is no screen here; start the program on a desktop with X11.</source>
        <translation>这里没有屏幕；请在 X11 桌面上启动本程序。</translation>
    </message>
    <message>
        <source>The screen cannot be read ({reason}); see that it is there and programs may record it.</source>
        <translation>无法读取屏幕（{reason}）；请确认屏幕存在且允许程序录制。</translation>
    </message>
    <message>
        <source>The size and the rate of a test pattern must be positive; choose others.</source>
        <translation>测试图案的尺寸和帧率必须为正数；请选择其他值。</translation>
    </message>
    <message>
        <source>The screen gives no pictures; see that it is there and programs may record it.</source>
        <translation>屏幕没有画面；请确认屏幕存在且允许程序录制。</translation>
    </message>
    <message>
        <source>it does not answer</source>
        <translation>没有响应</translation>
    </message>
    <message>
        <source>The test pattern cannot be made ({reason}); choose another size or rate.</source>
        <translation>无法生成测试图案（{reason}）；请选择其他尺寸或帧率。</translation>
    </message>
    <message>
        <source>The stream '{name}' sends nothing; see that it is on and the address is right.</source>
        <translation>网络流“{name}”没有发送数据；请确认它已开启且地址正确。</translation>
    </message>
    <message>
        <source>The stream '{name}' is not there: nobody answers; see that it is on and the address is right.</source>
        <translation>网络流“{name}”没有响应；请确认它已开启且地址正确。</translation>
    </message>
    <message>
        <source>The stream '{name}' cannot be read by the FFmpeg that is installed; use an address of another kind.</source>
        <translation>已安装的 FFmpeg 无法读取网络流“{name}”；请使用其他类型的地址。</translation>
    </message>
    <message>
        <source>The stream '{name}' asks for a user name and password; put 'name:password@' before the host.</source>
        <translation>网络流“{name}”需要用户名和密码；请在主机名前加上“用户名:密码@”。</translation>
    </message>
    <message>
        <source>The stream '{name}' is not there; check the end of the address.</source>
        <translation>找不到网络流“{name}”；请检查地址的末尾部分。</translation>
    </message>
    <message>
        <source>The stream '{name}' has no pictures in a format this program reads; check the address.</source>
        <translation>网络流“{name}”没有本程序能读取的画面格式；请检查地址。</translation>
    </message>
    <message>
        <source>The stream '{name}' cannot be reached; check the address and the network.</source>
        <translation>无法连接网络流“{name}”；请检查地址和网络。</translation>
    </message>
    <message>
        <source>The stream '{name}' cannot be read ({reason}); check the address.</source>
        <translation>无法读取网络流“{name}”（{reason}）；请检查地址。</translation>
    </message>
    <message>
        <source>That is no address of a stream; it begins with one of {known} and '://'.</source>
        <translation>这不是网络流地址；地址应以 {known} 之一加“://”开头。</translation>
    </message>
    <message>
        <source>There is no microphone; connect one, or record without sound.</source>
        <translation>没有麦克风；请连接一个，或录制无声视频。</translation>
    </message>
    <message>
        <source>'{name}' is no microphone: there is no sound in it.</source>
        <translation>“{name}”不是麦克风：其中没有声音。</translation>
    </message>
    <message>
        <source>The microphone '{name}' cannot be opened: {reason}; check that it is connected and may be used.</source>
        <translation>无法打开麦克风“{name}”：{reason}；请确认它已连接且允许使用。</translation>
    </message>
    <message>
        <source>The microphone cannot be opened: {reason}; check that it is connected and may be used.</source>
        <translation>无法打开麦克风：{reason}；请确认它已连接且允许使用。</translation>
    </message>
    <message>
        <source>The microphone '{name}' ended.</source>
        <translation>麦克风“{name}”已停止。</translation>
    </message>
    <message>
        <source>The microphone '{name}' failed: {reason}.</source>
        <translation>麦克风“{name}”出错：{reason}。</translation>
    </message>
    <message>
        <source>A virtual camera needs a package that is not installed: pip install 'stytr-live[camera]'.</source>
        <translation>虚拟摄像头需要尚未安装的软件包：pip install 'stytr-live[camera]'。</translation>
    </message>
    <message>
        <source>There is no virtual camera that can be used ({reason}); on Linux, run '{command}'.</source>
        <translation>没有可用的虚拟摄像头（{reason}）；在 Linux 上请运行“{command}”。</translation>
    </message>
    <message>
        <source>There is no virtual camera that can be used ({reason}); install OBS Studio from https://obsproject.com, start its virtual camera once and stop it again.</source>
        <translation>没有可用的虚拟摄像头（{reason}）；请从 https://obsproject.com 安装 OBS Studio，启动一次其虚拟摄像头后再停止。</translation>
    </message>
    <message>
        <source>The virtual camera is closed.</source>
        <translation>虚拟摄像头已关闭。</translation>
    </message>
    <message>
        <source>The virtual camera failed: {reason}.</source>
        <translation>虚拟摄像头出错：{reason}。</translation>
    </message>
    <message>
        <source>The preview cannot use port {port} of '{host}': {reason}; choose another.</source>
        <translation>预览无法使用“{host}”的端口 {port}：{reason}；请选择其他端口。</translation>
    </message>
    <message>
        <source>A recording cannot be {size} pixels; it has 1 to {most} in each direction.</source>
        <translation>录像不能是 {size} 像素；每个方向应为 1 到 {most}。</translation>
    </message>
    <message>
        <source>'{path}' cannot be written: {reason}.</source>
        <translation>无法写入“{path}”：{reason}。</translation>
    </message>
    <message>
        <source>'{path}' is there, maybe from a recording that broke off; rename or remove it.</source>
        <translation>“{path}”已存在，可能来自中断的录像；请重命名或删除它。</translation>
    </message>
    <message>
        <source>'{path}' exists already; choose another name.</source>
        <translation>“{path}”已存在；请选择其他名称。</translation>
    </message>
    <message>
        <source>A recording cannot be '{suffix}'; choose .mp4 or .mkv.</source>
        <translation>录像不能是“{suffix}”；请选择 .mp4 或 .mkv。</translation>
    </message>
    <message>
        <source>The recording '{path}' has ended.</source>
        <translation>录像“{path}”已结束。</translation>
    </message>
    <message>
        <source>The recording '{path}' ended after {seconds} s, and is kept: {reason}.</source>
        <translation>录像“{path}”在 {seconds} 秒后结束，已保留：{reason}。</translation>
    </message>
    <message>
        <source>The recording stays in '{path}': {reason}.</source>
        <translation>录像保留在“{path}”中：{reason}。</translation>
    </message>
    <message>
        <source>There was no picture to record.</source>
        <translation>没有可以录制的画面。</translation>
    </message>
    <message>
        <source>there is another file of that name by now</source>
        <translation>现在已有同名文件</translation>
    </message>
    <message>
        <source>The picture '{path}' cannot be read: it is not a file.</source>
        <translation>无法读取图片“{path}”：它不是文件。</translation>
    </message>
    <message>
        <source>The picture '{path}' cannot be read: {reason}.</source>
        <translation>无法读取图片“{path}”：{reason}。</translation>
    </message>
    <message>
        <source>'{path}' is not a picture in a format this program reads.</source>
        <translation>“{path}”不是本程序能读取的图片格式。</translation>
    </message>
    <message>
        <source>The picture '{path}' has too many pixels; make it smaller.</source>
        <translation>图片“{path}”的像素过多；请缩小它。</translation>
    </message>
    <message>
        <source>The picture '{path}' is damaged and cannot be read.</source>
        <translation>图片“{path}”已损坏，无法读取。</translation>
    </message>
    <message>
        <source>The picture '{path}' has {size} pixels; make it smaller than {most}.</source>
        <translation>图片“{path}”有 {size} 像素；请缩小到 {most} 以下。</translation>
    </message>
    <message>
        <source>The picture '{path}' is empty.</source>
        <translation>图片“{path}”是空的。</translation>
    </message>
    <message>
        <source>There is no style '{name}'; name a picture file or a built-in style.</source>
        <translation>没有风格“{name}”；请指定图片文件或内置风格。</translation>
    </message>
    <message>
        <source>There is no style '{name}': {hint}Give a picture file or a name that `stytr-live styles` lists.</source>
        <translation>没有风格“{name}”：{hint}请指定图片文件，或 `stytr-live styles` 列出的名称。</translation>
    </message>
    <message>
        <source>did you mean {names}? </source>
        <translation>您是不是指 {names}？</translation>
    </message>
    <message>
        <source>The style cannot be used. {reason}</source>
        <translation>无法使用该风格。{reason}</translation>
    </message>
    <message>
        <source>The style '{name}' cannot be used. {reason}</source>
        <translation>无法使用风格“{name}”。{reason}</translation>
    </message>
    <message>
        <source>The style '{path}' is {size} pixels; use a picture of at least {least}.</source>
        <translation>风格“{path}”只有 {size} 像素；请使用至少 {least} 像素的图片。</translation>
    </message>
    <message>
        <source>The style '{path}' is too large to be one.</source>
        <translation>文件“{path}”过大，不可能是风格。</translation>
    </message>
    <message>
        <source>The style '{path}' cannot be read: {reason}.</source>
        <translation>无法读取风格“{path}”：{reason}。</translation>
    </message>
    <message>
        <source>'{path}' is not a style of this program, or it is damaged.</source>
        <translation>“{path}”不是本程序的风格，或已损坏。</translation>
    </message>
    <message>
        <source>'{path}' is not a style of this program, or it comes from a newer one.</source>
        <translation>“{path}”不是本程序的风格，或来自更新的版本。</translation>
    </message>
    <message>
        <source>It was made with {made}; use the picture, or the weights it was made with.</source>
        <translation>它是用 {made} 制作的；请使用原图片，或制作时的权重。</translation>
    </message>
    <message>
        <source>It is damaged: it does not fit the network.</source>
        <translation>它已损坏：与网络不符。</translation>
    </message>
    <message>
        <source>It is damaged, or no style of this program.</source>
        <translation>它已损坏，或不是本程序的风格。</translation>
    </message>
    <message>
        <source>Not enough memory on {device}. There is not enough even at {side} pixels; close other programs.</source>
        <translation>{device} 的内存不足，即使 {side} 像素也不够；请关闭其他程序。</translation>
    </message>
    <message>
        <source>Not enough memory. There is not enough even at {side} pixels; close other programs.</source>
        <translation>内存不足，即使 {side} 像素也不够；请关闭其他程序。</translation>
    </message>
    <message>
        <source>{size} pixels need more memory than is free. There is not enough even at {side} pixels; close other programs.</source>
        <translation>{size} 像素需要的内存多于空闲内存，即使 {side} 像素也不够；请关闭其他程序。</translation>
    </message>
    <message>
        <source>The device '{device}' cannot be used ({reason}); use --device torch.</source>
        <translation>无法使用设备“{device}”（{reason}）；请使用 --device torch。</translation>
    </message>
    <message>
        <source>There is no device '{device}'; choose one of {known}.</source>
        <translation>没有设备“{device}”；请选择 {known} 之一。</translation>
    </message>
    <message>
        <source>CUDA cannot be used: {reason}; use --device cpu.</source>
        <translation>无法使用 CUDA：{reason}；请使用 --device cpu。</translation>
    </message>
    <message>
        <source>Apple's GPU cannot be used by this PyTorch on this machine; use --device cpu.</source>
        <translation>此计算机上的 PyTorch 无法使用 Apple GPU；请使用 --device cpu。</translation>
    </message>
    <message>
        <source>An Intel GPU is used through OpenVINO; install it with: {command}.</source>
        <translation>Intel GPU 需要通过 OpenVINO 使用；安装命令：{command}。</translation>
    </message>
    <message>
        <source>There is no network '{name}'; choose one of {known}.</source>
        <translation>没有网络“{name}”；请选择 {known} 之一。</translation>
    </message>
    <message>
        <source>There is no weights file '{path}'.</source>
        <translation>没有权重文件“{path}”。</translation>
    </message>
    <message>
        <source>'{path}' is not a weights file of this program, or it is damaged.</source>
        <translation>“{path}”不是本程序的权重文件，或已损坏。</translation>
    </message>
    <message>
        <source>'{path}' is damaged: its checksum does not fit its contents; get the file again.</source>
        <translation>“{path}”已损坏：校验和与内容不符；请重新获取该文件。</translation>
    </message>
    <message>
        <source>No weights for the network '{name}' come with this program; name a file with --weights.</source>
        <translation>本程序不附带网络“{name}”的权重；请用 --weights 指定文件。</translation>
    </message>
    <message>
        <source>The video '{path}' cannot be read: {reason}.</source>
        <translation>无法读取视频“{path}”：{reason}。</translation>
    </message>
    <message>
        <source>The video '{path}' cannot be opened: {reason}.</source>
        <translation>无法打开视频“{path}”：{reason}。</translation>
    </message>
    <message>
        <source>The video '{path}' is empty.</source>
        <translation>视频“{path}”是空的。</translation>
    </message>
    <message>
        <source>No frame of the video '{path}' can be decoded any more; see that it is still there.</source>
        <translation>视频“{path}”已无法解码；请确认文件仍然存在。</translation>
    </message>
    <message>
        <source>No frame of the video '{path}' can be decoded; it may be damaged.</source>
        <translation>无法解码视频“{path}”的任何一帧；它可能已损坏。</translation>
    </message>
    <message>
        <source>'{path}' is a folder; name a video file.</source>
        <translation>“{path}”是文件夹；请指定视频文件。</translation>
    </message>
    <message>
        <source>There is no picture in '{path}'; name a file with a video in it.</source>
        <translation>“{path}”中没有画面；请指定含有视频的文件。</translation>
    </message>
    <message>
        <source>'{path}' is not a video in a format this program reads, or it is cut off.</source>
        <translation>“{path}”不是本程序能读取的视频格式，或不完整。</translation>
    </message>
    <message>
        <source>The video in '{path}' has a codec that this program does not know.</source>
        <translation>“{path}”中的视频使用了本程序不认识的编码。</translation>
    </message>
    <message>
        <source>The video '{path}' has frames of {size} pixels; at most {most} megapixels can be read.</source>
        <translation>视频“{path}”的帧为 {size} 像素；最多可读取 {most} 百万像素。</translation>
    </message>
    <message>
        <source>The rate to hold is {rate}; choose a positive number of frames a second.</source>
        <translation>要保持的帧率是 {rate}；请选择每秒帧数的正数。</translation>
    </message>
    <message>
        <source>All weights of the styles are 0; give at least one a weight above 0.</source>
        <translation>所有风格的权重都是 0；请至少给一种风格大于 0 的权重。</translation>
    </message>
    <message>
        <source>The built-in pictures are missing; install the program again.</source>
        <translation>缺少内置图片；请重新安装本程序。</translation>
    </message>
    <message>
        <source>The settings could not be read and were set aside as '{path}'; all is as for a new user.</source>
        <translation>无法读取设置，已另存为“{path}”；一切恢复为初始状态。</translation>
    </message>
    <message>
        <source>The settings '{path}' could not be read; all is as for a new user.</source>
        <translation>无法读取设置“{path}”；一切恢复为初始状态。</translation>
    </message>
    <message>
        <source>OSC needs a package that is not installed: pip install 'stytr-live[osc]'.</source>
        <translation>OSC 需要尚未安装的软件包：pip install 'stytr-live[osc]'。</translation>
    </message>
    <message>
        <source>OSC cannot use port {port}: {reason}; choose another one.</source>
        <translation>OSC 无法使用端口 {port}：{reason}；请选择其他端口。</translation>
    </message>
    <message>
        <source>MIDI needs packages that are not installed: pip install 'stytr-live[midi]'.</source>
        <translation>MIDI 需要尚未安装的软件包：pip install 'stytr-live[midi]'。</translation>
    </message>
    <message>
        <source>The MIDI device '{name}' cannot be opened; connect it.</source>
        <translation>无法打开 MIDI 设备“{name}”；请连接它。</translation>
    </message>
    <message>
        <source>'{value}' will not do; give a number from {least} to {most}.</source>
        <translation>“{value}”不可用；请给出 {least} 到 {most} 之间的数。</translation>
    </message>
    <message>
        <source>'{value}' will not do; say on, off or toggle.</source>
        <translation>“{value}”不可用；请用 on、off 或 toggle。</translation>
    </message>
    <message>
        <source>The window does not know '{name}'.</source>
        <translation>窗口不认识“{name}”。</translation>
    </message>
    <message>
        <source>The window does not know what '{name}' is to be without a value.</source>
        <translation>“{name}”需要一个值。</translation>
    </message>
    <message>
        <source>No space left on device</source>
        <translation>磁盘空间不足</translation>
    </message>
    <message>
        <source>File too large</source>
        <translation>文件过大</translation>
    </message>
    <message>
        <source>Permission denied</source>
        <translation>没有权限</translation>
    </message>
    <message>
        <source>No such file or directory</source>
        <translation>没有该文件或目录</translation>
    </message>
    <message>
        <source>Is a directory</source>
        <translation>是一个目录</translation>
    </message>
    <message>
        <source>Not a directory</source>
        <translation>不是目录</translation>
    </message>
    <message>
        <source>Read-only file system</source>
        <translation>文件系统为只读</translation>
    </message>
    <message>
        <source>Input/output error</source>
        <translation>输入/输出错误</translation>
    </message>
    <message>
        <source>No such device</source>
        <translation>没有该设备</translation>
    </message>
    <message>
        <source>Device or resource busy</source>
        <translation>设备正忙</translation>
    </message>
    <message>
        <source>Connection refused</source>
        <translation>连接被拒绝</translation>
    </message>
    <message>
        <source>Connection timed out</source>
        <translation>连接超时</translation>
    </message>
    <message>
        <source>Address already in use</source>
        <translation>地址已被占用</translation>
    </message>
    <message>
        <source>The address is already in use</source>
        <translation>地址已被占用</translation>
    </message>
    <message>
        <source>The bound address is already in use</source>
        <translation>地址已被占用</translation>
    </message>
    <message>
        <source>Cannot allocate memory</source>
        <translation>无法分配内存</translation>
    </message>
    <message>
        <source>Too many open files</source>
        <translation>打开的文件过多</translation>
    </message>
    <message>
        <source>Invalid argument</source>
        <translation>参数无效</translation>
    </message>
    <message>
        <source>strength, 0 to 1</source>
        <translation>强度，0 到 1</translation>
    </message>
    <message>
        <source>paint in the style of that name, or number in the order shown</source>
        <translation>使用该名称的风格，或按显示顺序的编号</translation>
    </message>
    <message>
        <source>mix the first styles shown, with these weights</source>
        <translation>按这些权重混合最前面显示的风格</translation>
    </message>
    <message>
        <source>seconds in which styles fade over</source>
        <translation>风格渐变的秒数</translation>
    </message>
    <message>
        <source>time constant of the smoothing, in seconds</source>
        <translation>平滑的时间常数，以秒计</translation>
    </message>
    <message>
        <source>keep the colours of the picture: 1 or 0</source>
        <translation>保留画面的颜色：1 或 0</translation>
    </message>
    <message>
        <source>begin or end a recording: 1 or 0</source>
        <translation>开始或结束录制：1 或 0</translation>
    </message>
    <message>
        <source>the next style; so do /stytr/previous, /stytr/snapshot and /stytr/pause what they say</source>
        <translation>下一个风格；/stytr/previous、/stytr/snapshot、/stytr/pause 分别为上一个、截图、暂停</translation>
    </message>
    <message>
        <source>Invalid data found when processing input</source>
        <translation>数据无效</translation>
    </message>
</context>
<context>
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
</context>
</TS>
