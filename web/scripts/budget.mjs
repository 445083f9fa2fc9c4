console.log("budget")
