package memory

// SetBlind makes memories with the image believe that the system cannot tell what was written to.
func SetBlind(img *Image, blind bool) { img.blind = blind }
