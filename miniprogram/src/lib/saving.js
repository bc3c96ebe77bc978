// Giving a text to the person as a file of his own.

/** Save it where the platform can; resolves with a sentence that says where it is. */
export async function saveText(name, text) {
  // #ifdef H5
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60000)
  return `已存为“${name}”,在这部手机的下载里`
  // #endif
  // #ifndef H5
  const path = `${wx.env.USER_DATA_PATH}/${name}`
  await new Promise((resolve, reject) => {
    uni.getFileSystemManager().writeFile({ filePath: path, data: text, encoding: 'utf8', success: resolve, fail: reject })
  })
  if (wx.shareFileMessage) {
    await new Promise((resolve) => wx.shareFileMessage({ filePath: path, fileName: name, complete: resolve }))
    return `“${name}”已备好,可以发到文件传输助手保存`
  }
  return '已备好'
  // #endif
}
