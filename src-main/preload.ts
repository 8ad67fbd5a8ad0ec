import { contextBridge, ipcRenderer } from 'electron';
import { DESKTOP_BRIDGE, DESKTOP_CHANNELS, type DesktopBridge } from '#shared/desktop/bridge';

const bridge: DesktopBridge = {
  pickFolder: () => ipcRenderer.invoke(DESKTOP_CHANNELS.pickFolder) as Promise<string | undefined>,
};

contextBridge.exposeInMainWorld(DESKTOP_BRIDGE, bridge);
