"""The models, data and training of the book. (Names are loaded on first use.)"""
